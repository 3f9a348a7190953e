/** All questions, in the order of the tables. */
import { conv2d } from './conv2d.js';
import { cpuGradients } from './cpu_gradients.js';
import { deformConv2d } from './deform_conv2d.js';
import { deformDepthwise } from './deform_depthwise.js';
import { depthwiseConv2d } from './depthwise_conv2d.js';
import { dilated } from './dilated.js';
import { gemm } from './gemm.js';
import { grouped } from './grouped.js';
import { inference } from './inference.js';
import { memory } from './memory.js';
import { growth } from './growth.js';
import { pooling } from './pooling.js';
import { profile } from './profile.js';
import type { Question } from './support/question.js';
import type { Study } from './support/study.js';
import { trainingStep } from './training_step.js';

export const QUESTIONS: readonly Question[] = [
  gemm,
  deformConv2d,
  deformDepthwise,
  conv2d,
  dilated,
  depthwiseConv2d,
  grouped,
  pooling,
  cpuGradients,
  trainingStep,
  inference,
  memory,
];

export const STUDIES: readonly Study[] = [growth, profile];
