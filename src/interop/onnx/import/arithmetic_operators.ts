/** Sums and products of tensors, with each other and with constants. */
import * as tf from '@tensorflow/tfjs';
import { layers } from '../../../layers/registry.js';
import { NotImportable } from './import_error.js';
import type { NodeUse, Operators } from './node_use.js';
import type { LayerSpec, PlannedLayer, WeightValues } from './planned.js';
import { known, sameSize } from './sizes.js';
import { sameAxis, type Axis, type Value } from './value.js';
import { scaled, sum, vector } from './weights.js';

/** x · scale + shift: one number, or one per channel. */
interface Affine {
  readonly scale: Numbers | undefined;
  readonly shift: Numbers | undefined;
}

/** A constant operand. */
interface Numbers {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Layers that merge tensors of one shape, or of shapes that broadcast. */
const MERGES: Readonly<Record<string, (name: string) => tf.layers.Layer>> = {
  Add: (name) => tf.layers.add({ name }),
  Max: (name) => tf.layers.maximum({ name }),
  Mean: (name) => tf.layers.average({ name }),
  Min: (name) => tf.layers.minimum({ name }),
  Mul: (name) => tf.layers.multiply({ name }),
  Sum: (name) => tf.layers.add({ name }),
};

/** The factor of what is only shifted. */
const ONE: Numbers = { shape: [], values: Float32Array.of(1) };

const rescaling = (scale: number, offset: number): LayerSpec => ({
  create: ({ name }) => tf.layers.rescaling({ name, scale, offset }),
});

/** Operators of two operands, one of which may be constant. */
function arithmetic(type: 'Add' | 'Sub' | 'Mul' | 'Div'): (use: NodeUse) => Value {
  return (use) => {
    const [a, b] = [use.inputs[0]!, use.inputs[1]!];
    if (b.kind !== 'tensor') return affine(use, 0, affineOf(type, use.floats(1), false));
    if (a.kind !== 'tensor') return affine(use, 1, affineOf(type, use.floats(0), true));
    if (type === 'Div') throw new NotImportable('it must divide by a constant');
    if (type !== 'Sub') return merge(use, type, [a, b]);
    return merge(use, 'Add', [a, use.extra('negative', rescaling(-1, 0), b)]);
  };
}

function affineOf(type: 'Add' | 'Sub' | 'Mul' | 'Div', { shape, values }: Numbers, isFirst: boolean): Affine {
  const constant = (compute: (value: number) => number): Numbers => ({ shape, values: values.map(compute) });
  switch (type) {
    case 'Add':
      return { scale: undefined, shift: constant((value) => value) };
    case 'Sub':
      if (!isFirst) return { scale: undefined, shift: constant((value) => -value) };
      return { scale: { shape: [], values: Float32Array.of(-1) }, shift: constant((value) => value) };
    case 'Mul':
      return { scale: constant((value) => value), shift: undefined };
    case 'Div':
      if (isFirst) throw new NotImportable('it must not divide by what the model computes');
      return { scale: constant((value) => 1 / value), shift: undefined };
  }
}

/** Multiplies by constants and adds them: in the layer before, if that can, or in one of its own. */
function affine(use: NodeUse, index: number, given: Affine): Value {
  const x = use.tensor(index);
  const constants = [given.scale, given.shift].filter((numbers) => numbers !== undefined);
  // A number without axes is fixed; one in a list is a weight.
  if (constants.every(({ shape }) => shape.length === 0)) {
    const [scale, shift] = [given.scale?.values[0] ?? 1, given.shift?.values[0] ?? 0];
    return use.elementwise(rescaling(scale, shift), x);
  }
  const axis = channelAxis(use, x, constants);
  const channels = known(use.planner.sizeOf(x.axes[axis]!));
  const spread = (numbers: Numbers | undefined): Float32Array | undefined => {
    if (numbers === undefined || numbers.values.length === channels) return numbers?.values;
    use.planner.spend([channels]);
    return new Float32Array(channels).fill(numbers.values[0]!);
  };
  const shift = spread(given.shift);
  const target = mergeable(use, index, axis);
  const isOneFactor = given.scale === undefined || given.scale.values.length === 1;
  if (target !== undefined && isOneFactor) {
    mergeInto(target, given.scale?.values[0] ?? 1, shift);
    target.result = use.node.outputs[0]!;
    return x;
  }
  return perChannel(use, x, axis, spread(given.scale ?? ONE)!, shift);
}

/** Axis along which constants have their numbers: the channels, if each is only one number. */
function channelAxis(use: NodeUse, x: Value, constants: readonly Numbers[]): number {
  const rank = x.axes.length;
  const axes = constants.flatMap(({ shape }) =>
    shape.flatMap((size, axis) => (size === 1 ? [] : [axis + rank - shape.length])),
  );
  const axis = axes[0] ?? (rank === 4 ? 1 : rank - 1);
  const sizes = constants.flatMap(({ values }) => (values.length === 1 ? [] : [values.length]));
  const fits =
    axis > 0 &&
    axes.every((each) => each === axis) &&
    sizes.every((size) => sameSize(size, use.planner.sizeOf(x.axes[axis]!)));
  if (!fits) throw new NotImportable('its constant must be one number, or one for each channel of its other input');
  return axis;
}

/** The layer that makes an input, if nothing else uses it and it has a bias along this axis. */
function mergeable(use: NodeUse, index: number, axis: number): PlannedLayer | undefined {
  const name = use.node.inputs[index]!;
  const x = use.tensor(index);
  const { source } = x;
  if (source.kind !== 'layer' || source.kernel === undefined || source.result !== name) return undefined;
  if (source.shared !== undefined) return undefined;
  return use.around.uses(name) === 1 && sameAxis(x.stored.at(-1)!, x.axes[axis]!) ? source : undefined;
}

function mergeInto({ weights, kernel }: PlannedLayer, factor: number, shift: Float32Array | undefined): void {
  if (factor !== 1) {
    weights[kernel!] = scaled(weights[kernel!]!, factor);
    if (weights['bias'] !== undefined) weights['bias'] = scaled(weights['bias'], factor);
  }
  if (shift === undefined) return;
  const added = vector(shift);
  weights['bias'] = weights['bias'] === undefined ? added : sum(weights['bias'], added);
}

/** A depthwise 1×1 convolution: a factor and a bias for each channel, which can be trained. */
function perChannel(use: NodeUse, x: Value, axis: number, scale: Float32Array, shift: Float32Array | undefined): Value {
  const { planner, node } = use;
  const others = x.axes.filter((_, each) => each !== axis);
  if (x.axes.length > 4) throw new NotImportable('its other input must have at most 4 axes');
  // Rows and columns that are missing have size 1.
  const view: Axis[] = [...others, ...Array.from({ length: 4 - x.axes.length }, (): Axis => []), x.axes[axis]!];
  const arranged = planner.arrange({ ...x, axes: view }, [0, 1, 2, 3], node.name);
  const kernel: WeightValues = { shape: [1, 1, scale.length, 1], values: scale };
  const spec: LayerSpec = {
    create: ({ name, has, kernelInitializer }) =>
      layers.depthwiseConv2d({ name, kernelSize: 1, useBias: has('bias'), depthwiseInitializer: kernelInitializer }),
    weights: { depthwise_kernel: kernel, ...(shift !== undefined && { bias: vector(shift) }) },
    kernel: 'depthwise_kernel',
  };
  return use.layer(spec, [arranged], x.axes, view);
}

function merge(use: NodeUse, type: string, values: readonly Value[]): Value {
  const { planner } = use;
  const rank = Math.max(...values.map(({ axes }) => axes.length));
  const aligned = values.map((value): Value => {
    const missing = Array.from({ length: rank - value.axes.length }, (): Axis => []);
    return { ...value, axes: [...missing, ...value.axes] };
  });
  const order = planner.commonOrder(aligned);
  const parts = aligned.map((value) => planner.arrange(value, order, use.node.name));
  const axes = parts[0]!.axes.map((axis, index): Axis => {
    const sized = parts.map((part) => part.axes[index]!).filter((each) => each.length > 0);
    const [first = axis, ...others] = sized;
    const isEqual = others.every((each) => {
      const [a, b] = [planner.sizeOf(first), planner.sizeOf(each)];
      return typeof a !== 'number' || typeof b !== 'number' || a === b;
    });
    if (!isEqual) throw new NotImportable('its inputs must have shapes that fit together');
    return first;
  });
  const spec: LayerSpec = { create: ({ name }) => MERGES[type]!(name) };
  return use.layer(
    spec,
    parts,
    axes,
    order.map((axis) => axes[axis]!),
  );
}

/** Operators of any number of tensors. */
function mergeAll(use: NodeUse): Value {
  const values = use.inputs.map((_, index) => use.tensor(index));
  return values.length === 1 ? values[0]! : merge(use, use.node.type, values);
}

export const ARITHMETIC_OPERATORS: Operators = {
  Add: { build: arithmetic('Add') },
  Div: { build: arithmetic('Div') },
  Max: { build: mergeAll },
  Mean: { build: mergeAll },
  Min: { build: mergeAll },
  Mul: { build: arithmetic('Mul') },
  Neg: { build: (use) => use.elementwise(rescaling(-1, 0), use.tensor()) },
  Sub: { build: arithmetic('Sub') },
  Sum: { build: mergeAll },
};
