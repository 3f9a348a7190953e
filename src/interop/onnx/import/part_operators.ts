/** Operators that cut tensors and join them. */
import * as tf from '@tensorflow/tfjs';
import { layers } from '../../../layers/registry.js';
import { NotImportable } from './import_error.js';
import type { NodeUse, Operators } from './node_use.js';
import type { LayerSpec } from './planned.js';
import { known, sameSize, type Size } from './sizes.js';
import { axisOf, type Axis, type Value } from './value.js';

type ImageAxes = readonly [Axis, Axis, Axis, Axis];

type Sides = [number, number];

/** A part of one axis of the file. */
interface Part {
  readonly axis: number;
  readonly start: number;
  readonly end: Size;
}

/** Ends from here on mean the end of the axis. */
const NO_END = 2 ** 31 - 1;

function slice(use: NodeUse): Value {
  let value = use.tensor();
  const starts = use.numbers(1, 'starts') ?? [];
  const ends = use.has(2) ? use.sizes(2) : (use.list('ends') ?? []);
  const axes = (use.numbers(3, 'axes') ?? starts.map((_, index) => index)).map((axis) =>
    use.axis(axis, value.axes.length),
  );
  const steps = use.numbers(4) ?? starts.map(() => 1);
  if (steps.some((step) => step !== 1)) throw new NotImportable('its steps must be 1');
  axes.forEach((axis, index) => {
    value = cut(use, value, { axis, start: starts[index]!, end: ends[index]! });
  });
  return value;
}

/** Cuts a part out of an image. */
function cut(use: NodeUse, value: Value, part: Part): Value {
  const { planner } = use;
  const { axis, start, end } = part;
  const size = planner.sizeOf(value.axes[axis]!);
  const isOpen = sameSize(end, size) || (typeof end === 'number' && end >= NO_END);
  if (start === 0 && isOpen) return value;
  if (value.axes.length !== 4 || axis === 0) throw new NotImportable('it must cut an image, and not along the batch');
  const x = planner.image(value, use.node.name);
  if (axis === 1) return sliceChannels(use, x, start, isOpen ? Infinity : known(end));
  return cutImage(use, x, { axis, start, end: isOpen ? Infinity : end });
}

/** Cuts channels; negative positions count from the end. */
function sliceChannels(use: NodeUse, x: Value, from: number, to: number): Value {
  const [n, c, h, w] = x.axes as ImageAxes;
  const total = known(use.planner.sizeOf(c));
  const at = (position: number): number => Math.min(position < 0 ? position + total : position, total);
  const start = at(from);
  const size = at(to) - start;
  if (start < 0 || size < 1) throw new NotImportable('it must keep some channels');
  const spec: LayerSpec = { create: ({ name }) => layers.channelSlice({ name, start, size }) };
  return use.imageLayer(spec, [x], [n, axisOf(size), h, w]);
}

/** Cuts rows or columns. */
function cutImage(use: NodeUse, x: Value, { axis, start, end }: Part): Value {
  const { planner } = use;
  const [n, c, h, w] = x.axes as ImageAxes;
  if (typeof end !== 'number') return cropLike(use, x, { axis, start, end });
  const size = planner.sizeOf(x.axes[axis]!);
  const before = start < 0 ? known(planner.sizes.plus(size, start)) : start;
  let after = 0;
  if (end !== Infinity) after = end < 0 ? -end : Math.max(0, known(size) - end);
  const left = planner.sizes.minus(size, before + after);
  if (before < 0 || (typeof left === 'number' && left < 1)) throw new NotImportable('it must keep rows and columns');
  const none: Sides = [0, 0];
  const cropping: [Sides, Sides] = axis === 2 ? [[before, after], none] : [none, [before, after]];
  const spec: LayerSpec = { create: ({ name }) => tf.layers.cropping2D({ name, cropping }) };
  const kept = planner.resized(x.axes[axis]!, left);
  return use.imageLayer(spec, [x], axis === 2 ? [n, c, kept, w] : [n, c, h, kept]);
}

/** Cuts rows and columns at the bottom and right to the size of another tensor. */
function cropLike(use: NodeUse, x: Value, { axis, start, end }: Part): Value {
  const other = start === 0 ? findSized(use, x, axis, end) : undefined;
  if (other === undefined) throw new NotImportable('its end must be known, or be the size of another tensor');
  const spec: LayerSpec = { create: ({ name }) => layers.cropLike({ name }) };
  // Along both axes: the part that follows has nothing left to cut.
  return use.imageLayer(spec, [x, other], [x.axes[0]!, x.axes[1]!, other.axes[2]!, other.axes[3]!]);
}

/** A tensor with this size along an axis, whose other axis the node cuts to as well. */
function findSized(use: NodeUse, x: Value, axis: number, size: Size): Value | undefined {
  const { planner } = use;
  const ends = use.sizes(2);
  const axes = use.numbers(3, 'axes') ?? [];
  const endOf = (other: number): Size => {
    const index = axes.indexOf(other);
    return index < 0 ? planner.sizeOf(x.axes[other]!) : ends[index]!;
  };
  for (const value of use.around.tensors()) {
    if (value.axes.length !== 4 || planner.orderOf(value) === undefined) continue;
    const sizes = value.axes.map((each) => planner.sizeOf(each));
    const fits = sameSize(sizes[axis]!, size) && sameSize(sizes[5 - axis]!, endOf(5 - axis));
    if (fits && typeof sizes[1] === 'number') return planner.image(value, use.node.name);
  }
  return undefined;
}

function split(use: NodeUse): readonly Value[] {
  const value = use.tensor();
  const axis = use.axis(use.number('axis', 0), value.axes.length);
  if (value.axes.length !== 4 || axis !== 1) throw new NotImportable('it must split the channels of an image');
  const x = use.image();
  const [n, c, h, w] = x.axes as ImageAxes;
  const total = known(use.planner.sizeOf(c));
  const parts = use.node.outputs.length;
  const even = Math.ceil(total / parts);
  const sizes = use.numbers(1, 'split') ?? use.node.outputs.map((_, part) => Math.min(even, total - part * even));
  if (sizes.length !== parts || sizes.some((size) => size < 1) || sizes.reduce((a, b) => a + b, 0) !== total) {
    throw new NotImportable(`its parts must have ${total} channels together`);
  }
  let start = 0;
  return sizes.map((size, part) => {
    const from = start;
    start += size;
    const source = use.planner.layer(
      part === 0 ? use.node.name : `${use.node.name}_${part}`,
      { create: ({ name }) => layers.channelSlice({ name, start: from, size }) },
      [x],
      use.node.outputs[part],
    );
    const channels = axisOf(size);
    return { kind: 'tensor', source, axes: [n, channels, h, w], stored: [n, h, w, channels] };
  });
}

function concat(use: NodeUse): Value {
  const { planner } = use;
  const values = use.inputs.map((_, index) => use.tensor(index));
  const { axes } = values[0]!;
  const axis = use.axis(use.number('axis', 1), axes.length);
  if (values.some((value) => value.axes.length !== axes.length) || axis === 0) {
    throw new NotImportable('its inputs must have one rank, and it must not join the batch');
  }
  const order = planner.commonOrder(values);
  const parts = values.map((value) => planner.arrange(value, order, use.node.name));
  const size = parts.map((part) => planner.sizeOf(part.axes[axis]!)).reduce((a, b) => planner.sizes.plus(a, b));
  const joined = parts[0]!.axes.map((each, index) => (index === axis ? axisOf(size) : each));
  const spec: LayerSpec = {
    create: ({ name }) => tf.layers.concatenate({ name, axis: order.indexOf(axis) }),
  };
  if (parts.length === 1) return parts[0]!;
  return use.layer(
    spec,
    parts,
    joined,
    order.map((each) => joined[each]!),
  );
}

export const PART_OPERATORS: Operators = {
  Concat: { attributes: ['axis'], build: concat },
  Slice: { attributes: ['axes', 'ends', 'starts'], build: slice },
  Split: { attributes: ['axis', 'num_outputs', 'split'], build: split },
};
