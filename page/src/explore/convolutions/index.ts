/** All convolutions, in the order in which they are taught. */
import type { Convolution } from '../model/convolution.js';
import { deformable } from './deformable.js';
import { depthwise } from './depthwise.js';
import { depthwiseSeparable } from './depthwise_separable.js';
import { dilated } from './dilated.js';
import { grouped } from './grouped.js';
import { plain } from './plain.js';
import { pointwise } from './pointwise.js';
import { roiPooling } from './roi_pooling.js';
import { spatiallySeparable } from './spatially_separable.js';
import { transposed } from './transposed.js';

export const CONVOLUTIONS: readonly Convolution[] = [
  plain,
  dilated,
  transposed,
  depthwise,
  pointwise,
  depthwiseSeparable,
  spatiallySeparable,
  grouped,
  deformable,
  roiPooling,
];
