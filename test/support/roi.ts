/** Region operators as functions of named tensors, as cases for gradient_check.ts, and random inputs for them. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { array64, type Array64 } from '../oracle/array64.js';
import { deformPsRoiPool, type DeformPsRoiPoolOptions } from '../oracle/deform_ps_roi_pool.js';
import type { RoiInputs, RoiOracle } from '../oracle/roi.js';
import { deformRoiPool, psRoiAlign, roiAlign, type RoiAlignOptions } from '../oracle/roi_align.js';
import { psRoiPool, roiPool, type RoiPoolOptions } from '../oracle/roi_pool.js';
import type { OpCase, Tensors } from './gradient_check.js';
import type { Shape4 } from './inputs.js';
import { Random } from './random.js';

/** The options of each operator. */
export interface RoiOptionsOf {
  readonly roiPool: RoiPoolOptions;
  readonly roiAlign: RoiAlignOptions;
  readonly psRoiPool: RoiPoolOptions;
  readonly psRoiAlign: RoiAlignOptions;
  readonly deformRoiPool: RoiAlignOptions;
  readonly deformPsRoiPool: DeformPsRoiPoolOptions;
}

export type RoiName = keyof RoiOptionsOf;

const ORACLES: { readonly [N in RoiName]: RoiOracle<RoiOptionsOf[N]> } = {
  roiPool,
  roiAlign,
  psRoiPool,
  psRoiAlign,
  deformRoiPool,
  deformPsRoiPool,
};

type Call = (x: tf.Tensor4D, boxes: tf.Tensor2D, boxIndices: tf.Tensor1D, options: object) => tf.Tensor4D;

/** Returns the operator; `boxIndices` may be float32, as converted from the tests' arrays. */
export function runRoi<N extends RoiName>(name: N, options: RoiOptionsOf[N]): (tensors: Tensors) => tf.Tensor {
  const call = conv[name] as Call;
  return ({ x, boxes, boxIndices, offset }) =>
    call(x as tf.Tensor4D, boxes as tf.Tensor2D, tf.cast(boxIndices as tf.Tensor1D, 'int32'), {
      ...options,
      ...(offset && { offset }),
    });
}

/** The value in float64. */
export function roiOracle<N extends RoiName>(name: N, inputs: RoiInputs, options: RoiOptionsOf[N]): Array64 {
  return ORACLES[name].value(inputs, options);
}

/** The gradients of ⟨value, upstream⟩ in float64. */
export function roiGradients<N extends RoiName>(
  name: N,
  inputs: RoiInputs,
  options: RoiOptionsOf[N],
  upstream: Array64,
): Partial<RoiInputs> {
  return ORACLES[name].gradients(inputs, options, upstream);
}

export function roiCase<N extends RoiName>(
  name: N,
  inputs: RoiInputs,
  options: RoiOptionsOf[N],
  { kink = false } = {},
): OpCase<RoiInputs> {
  return {
    inputs,
    run: runRoi(name, options),
    oracle: (given) => ORACLES[name].value(given, options),
    gradients: (given, upstream) => ORACLES[name].gradients(given, options, upstream),
    kink,
    differentiable: inputs.offset === undefined ? ['x'] : ['x', 'offset'],
  };
}

/** Boxes [k, 4] from a list. */
export function boxesOf(...boxes: readonly (readonly [number, number, number, number])[]): Array64 {
  return array64([boxes.length, 4], (index) => Math.fround(boxes[Math.floor(index / 4)]![index % 4]!));
}

/** Random boxes: inside the image, across its border and beyond, and, if there are several, the last one empty. */
function randomBoxes(random: Random, count: number, [, height, width]: Shape4, scale: number): Array64 {
  const boxes = Array.from({ length: count }, (_, index) => {
    const [y1, x1] = [random.uniform(-2, height) / scale, random.uniform(-2, width) / scale];
    if (count > 1 && index === count - 1) return [y1, x1, y1, x1] as const;
    const [sizeY, sizeX] = [random.uniform(0.3, height), random.uniform(0.3, width)];
    return [y1, x1, y1 + sizeY / scale, x1 + sizeX / scale] as const;
  });
  return boxesOf(...boxes);
}

/** Random features and boxes of an operator, and offsets of the given shape after [k]. */
export function roiInputs(
  seed: number,
  x: Shape4,
  boxCount: number,
  { spatialScale = 1, offset }: { spatialScale?: number | undefined; offset?: readonly number[] | undefined } = {},
): RoiInputs {
  const random = new Random(seed);
  return {
    x: random.array(x),
    boxes: randomBoxes(random, boxCount, x, spatialScale),
    boxIndices: array64([boxCount], () => random.integer(0, x[0] - 1)),
    ...(offset && { offset: random.array([boxCount, ...offset], -2, 2) }),
  };
}

/** Spaces the features out in the same order: finite differences must not change the maximum. */
export function distinct(inputs: RoiInputs): RoiInputs {
  const { shape, data } = inputs.x;
  const ranks = new Map([...data].sort((a, b) => a - b).map((value, rank) => [value, rank]));
  return { ...inputs, x: array64(shape, (index) => Math.fround(ranks.get(data[index]!)! / 64 - 1)) };
}

/** Boxes that read nothing on backends that cannot reject them: not finite, or of no image of the batch. */
const UNREADABLE: readonly { readonly box: readonly number[]; readonly image: (batch: number) => number }[] = [
  { box: [NaN, 0, 4, 4], image: () => 0 },
  { box: [0, 0, 4, Infinity], image: () => 0 },
  { box: [0, 0, 4, 4], image: (batch) => batch },
  { box: [0, -Infinity, 4, 4], image: () => 0 },
  { box: [0, 0, 4, 4], image: () => -1 },
];

/** Adds such a box before each box of the case (which has at least as many): their bins are 0. */
export function withUnreadable(op: OpCase<RoiInputs>): OpCase<RoiInputs> {
  const own = ({ shape, data }: Array64): Array64 => {
    const size = data.length / shape[0]!;
    return array64([shape[0]! / 2, ...shape.slice(1)], (index) => data[index + (Math.floor(index / size) + 1) * size]!);
  };
  const between = ({ shape, data }: Array64, fill: (row: number, element: number) => number): Array64 => {
    const size = data.length / shape[0]!;
    return array64([shape[0]! * 2, ...shape.slice(1)], (index) => {
      const [row, element] = [Math.floor(index / size), index % size];
      return row % 2 === 0 ? fill(row / 2, element) : data[((row - 1) / 2) * size + element]!;
    });
  };
  const readable = ({ x, boxes, boxIndices, offset }: RoiInputs): RoiInputs => ({
    x,
    boxes: own(boxes),
    boxIndices: own(boxIndices),
    ...(offset && { offset: own(offset) }),
  });
  const { x, boxes, boxIndices, offset } = op.inputs;
  const unreadable = (row: number) => UNREADABLE[row % UNREADABLE.length]!;
  return {
    ...op,
    inputs: {
      x,
      boxes: between(boxes, (row, edge) => unreadable(row).box[edge]!),
      boxIndices: between(boxIndices, (row) => unreadable(row).image(x.shape[0]!)),
      ...(offset && { offset: between(offset, () => 0.5) }),
    },
    oracle: (given) => between(op.oracle(readable(given)), () => 0),
    gradients: (given, upstream) => {
      const { x: dx, offset: doffset } = op.gradients!(readable(given), own(upstream));
      return { ...(dx && { x: dx }), ...(doffset && { offset: between(doffset, () => 0) }) };
    },
  };
}
