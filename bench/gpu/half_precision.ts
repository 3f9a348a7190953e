/** Bytes that convolutions and networks move on WebGPU in single and in half precision, for one image. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import type { Recorder } from './recording.js';
import { sum } from './roofline.js';

/** Counts of one operator or network. */
export interface HalfCount {
  readonly title: string;
  /** Bytes of the filters in single precision. */
  readonly filters: number;
  /** Bytes read and written with everything in single precision. */
  readonly single: number;
  /** With filters in half precision; for an operator alone. */
  readonly filterHalf?: number;
  /** With images in half precision as well, where operators have that. */
  readonly half?: number;
}

interface Operator {
  readonly title: string;
  readonly filter: readonly [number, number, number, number];
  readonly side: number;
  readonly run: (x: tf.Tensor4D, filter: tf.Tensor4D, options: conv.Conv2DOptions) => tf.Tensor;
  /** False if the operator takes images in single precision only. */
  readonly images: boolean;
}

const OPERATORS: readonly Operator[] = [
  { title: 'conv2d 3×3, 14²×256', filter: [3, 3, 256, 256], side: 14, run: conv.conv2d, images: true },
  { title: 'conv2d 1×1, 14²×512', filter: [1, 1, 512, 512], side: 14, run: conv.conv2d, images: true },
  { title: 'conv2d 3×3, 56²×64', filter: [3, 3, 64, 64], side: 56, run: conv.conv2d, images: true },
  { title: 'depthwiseConv2d 3×3, 56²×64', filter: [3, 3, 64, 1], side: 56, run: conv.depthwiseConv2d, images: true },
  {
    title: 'deformConv2d 3×3, 14²×256',
    filter: [3, 3, 256, 256],
    side: 14,
    run: (x, filter, { precision = 'single' }) =>
      conv.deformConv2d(x, tf.zeros([1, 14, 14, 18]), filter, { padding: 1, precision }),
    images: false,
  },
];

const NETWORKS: readonly (readonly [title: string, build: () => tf.LayersModel])[] = [
  ['MobileNetV1, 224²', () => conv.mobileNetV1()],
  ['MobileNetV1 α 0.25, 224²', () => conv.mobileNetV1({ alpha: 0.25 })],
  ['MobileNetV1 α 0.25, 96²', () => conv.mobileNetV1({ alpha: 0.25, inputShape: [96, 96, 3] })],
  ['MobileNetV2, 224²', () => conv.mobileNetV2()],
];

/** Bytes of the second call, for which nothing is packed or uploaded any more. */
async function bytesOf(recorder: Recorder, run: () => tf.Tensor): Promise<number> {
  await tf.tidy(run).data();
  const results: tf.Tensor[] = [];
  const recording = recorder.record(() => results.push(tf.tidy(run)));
  await results[0]!.data();
  tf.dispose(results);
  return sum(recording, 'read') + sum(recording, 'written');
}

async function countOperator(recorder: Recorder, { title, filter, side, run, images }: Operator): Promise<HalfCount> {
  const [, , channels, multiplier] = filter;
  const x = tf.randomUniform<tf.Rank.R4>([1, side, side, channels], -1, 1);
  const weights = tf.randomUniform<tf.Rank.R4>([...filter], -1, 1);
  const isDepthwise = multiplier === 1;
  const flat = isDepthwise ? tf.reshape(weights, [filter[0], filter[1], channels]) : weights;
  const packed = conv.packHalf(flat) as tf.Tensor4D;
  const packedX = conv.packHalf(x);
  const options = { padding: 'same' } as const;
  const single = await bytesOf(recorder, () => run(x, weights, options));
  const filterHalf = await bytesOf(recorder, () => run(x, packed, { ...options, precision: 'half' }));
  const count = { title, filters: 4 * weights.size, single, filterHalf };
  if (!images) return count;
  const half = await bytesOf(recorder, () =>
    run(packedX, packed, { ...options, precision: 'half', outputPrecision: 'half' }),
  );
  return { ...count, half };
}

async function countNetwork(recorder: Recorder, title: string, build: () => tf.LayersModel): Promise<HalfCount> {
  const model = build();
  const [single, half] = [
    conv.foldBatchNormalization(model),
    conv.foldBatchNormalization(model, { precision: 'half' }),
  ];
  const x = tf.randomUniform([1, ...(model.inputs[0]!.shape.slice(1) as number[])], -1, 1);
  const count = {
    title,
    filters: 4 * single.countParams(),
    single: await bytesOf(recorder, () => single.predict(x) as tf.Tensor),
    half: await bytesOf(recorder, () => half.predict(x) as tf.Tensor),
  };
  tf.dispose(x);
  for (const each of [model, single, half]) each.dispose();
  return count;
}

/** Counts on the active backend, which must be WebGPU. */
export async function countHalf(recorder: Recorder): Promise<readonly HalfCount[]> {
  const counts: HalfCount[] = [];
  for (const operator of OPERATORS) counts.push(await countOperator(recorder, operator));
  for (const [title, build] of NETWORKS) counts.push(await countNetwork(recorder, title, build));
  return counts;
}
