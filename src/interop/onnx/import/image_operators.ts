/** Operators over images without weights: pooling and padding. */
import * as tf from '@tensorflow/tfjs';
import { layers } from '../../../layers/registry.js';
import { slide, windowOf, WINDOW_ATTRIBUTES, withSides, type FileWindow, type Pair } from './file_window.js';
import { NotImportable } from './import_error.js';
import type { NodeUse, Operators } from './node_use.js';
import type { LayerSpec } from './planned.js';
import type { Axis, Value } from './value.js';

type ImageAxes = readonly [Axis, Axis, Axis, Axis];

const axesOf = (x: Value): ImageAxes => x.axes as unknown as ImageAxes;

const KNOWN_SIZE = 'the size of its input must be known';

/** Adds the rows and columns that rounding up the number of positions takes. */
function roundedUp(use: NodeUse, x: Value, window: FileWindow): FileWindow {
  if (use.number('ceil_mode', 0) === 0 || window.total === undefined) return window;
  const [rows, columns] = ([0, 1] as const).map((axis): Pair => {
    const { padding, strides, kernelSize, dilations } = window;
    const [before, after] = typeof padding === 'string' ? [0, 0] : (padding as readonly [Pair, Pair])[axis];
    const size = use.planner.sizeOf(x.axes[2 + axis]!);
    const [step, extent] = [strides[axis], (kernelSize[axis] - 1) * dilations[axis] + 1];
    if (typeof size !== 'number') {
      // ⌊(s + i) / s⌋ is ⌈i / s⌉. The last window must begin before the end of the image, or it would not count.
      if (after + step > extent) throw new NotImportable(`with ceil_mode and these pads, ${KNOWN_SIZE}`);
      return [before, after + step - 1];
    }
    let positions = Math.ceil((size + before + after - extent) / step) + 1;
    if ((positions - 1) * step >= size + before) positions--;
    return [before, Math.max(after, (positions - 1) * step + extent - size - before)];
  }) as [Pair, Pair];
  return withSides(window, rows, columns);
}

function pool(use: NodeUse, create: (args: object) => tf.layers.Layer): Value {
  const x = use.image();
  const window = roundedUp(use, x, windowOf(use));
  if (window.dilations.some((dilation) => dilation > 1)) throw new NotImportable('its dilations must be 1');
  const { kernelSize: poolSize, strides, padding } = window;
  const [n, c] = axesOf(x);
  const spec: LayerSpec = { create: ({ name }) => create({ name, poolSize, strides, padding }) };
  return use.imageLayer(spec, [x], [n, c, ...slide(use, x, window)]);
}

function maxPool(use: NodeUse): Value {
  use.expect('storage_order', use.number('storage_order', 0), [0]);
  if (use.node.outputs.length > 1 && use.around.uses(use.node.outputs[1]!) > 0) {
    throw new NotImportable('its second output, the indices, must not be used');
  }
  return pool(use, (args) => layers.maxPooling2d(args));
}

function averagePool(use: NodeUse): Value {
  const counts = use.number('count_include_pad', 0) === 1;
  const pads = use.list('pads') ?? [];
  if (!counts || pads.every((amount) => amount === 0)) {
    return pool(use, (args) => layers.averagePooling2d(args));
  }
  const x = use.image();
  const window = windowOf(use);
  if (use.number('ceil_mode', 0) === 1 || typeof window.padding === 'string') {
    throw new NotImportable('with count_include_pad it must have pads, and ceil_mode 0');
  }
  // Zeros that count are pixels of the image.
  const padded = pad(use, x, window.padding as unknown as [Pair, Pair], 'padded');
  const { kernelSize: poolSize, strides } = window;
  const spec: LayerSpec = { create: ({ name }) => layers.averagePooling2d({ name, poolSize, strides }) };
  const [n, c] = axesOf(x);
  return use.imageLayer(spec, [padded], [n, c, ...slide(use, x, window)]);
}

/** Pads with zeros. */
function pad(use: NodeUse, x: Value, padding: [Pair, Pair], suffix: string): Value {
  return use.extra(suffix, zeroPadding(padding), x);
}

const zeroPadding = (padding: readonly [Pair, Pair]): LayerSpec => ({
  create: ({ name }) => tf.layers.zeroPadding2d({ name, padding: padding.map((sides) => [...sides]) as never }),
});

const PAD_MODES = {
  constant: zeroPadding,
  reflect: (padding: readonly [Pair, Pair]): LayerSpec => ({
    create: ({ name }) => layers.reflectPad2d({ name, padding }),
  }),
  edge: (padding: readonly [Pair, Pair]): LayerSpec => ({
    create: ({ name }) => layers.replicatePad2d({ name, padding }),
  }),
  wrap: (padding: readonly [Pair, Pair]): LayerSpec => ({
    create: ({ name }) => layers.circularPad2d({ name, padding }),
  }),
} as const;

function padImage(use: NodeUse): Value {
  const value = use.tensor();
  const rank = value.axes.length;
  const mode = use.expect('mode', use.text('mode', 'constant'), [
    'constant',
    'reflect',
    'edge',
    'wrap',
  ]) as keyof typeof PAD_MODES;
  const given = use.numbers(1, 'pads') ?? [];
  const axes = (use.numbers(3) ?? [...value.axes.keys()]).map((axis) => use.axis(axis, rank));
  if (given.length !== 2 * axes.length) throw new NotImportable('its pads must be two for each axis');
  const sides = value.axes.map((_, axis): Pair => {
    const index = axes.indexOf(axis);
    return index < 0 ? [0, 0] : [given[index]!, given[axes.length + index]!];
  });
  if (sides.flat().every((amount) => amount === 0)) return value;
  if (mode === 'constant' && (use.scalar(2, 'value') ?? 0) !== 0) throw new NotImportable('it must pad with zeros');
  const isImage = rank === 4 && [sides[0]!, sides[1]!].flat().every((amount) => amount === 0);
  if (!isImage || sides.flat().some((amount) => amount < 0)) {
    throw new NotImportable('it must pad the rows and columns of an image');
  }
  const x = use.image();
  const [n, c, h, w] = axesOf(x);
  const { planner } = use;
  const longer = (axis: Axis, [before, after]: Pair): Axis =>
    planner.resized(axis, planner.sizes.plus(planner.sizeOf(axis), before + after));
  return use.imageLayer(
    PAD_MODES[mode]([sides[2]!, sides[3]!]),
    [x],
    [n, c, longer(h, sides[2]!), longer(w, sides[3]!)],
  );
}

export const IMAGE_OPERATORS: Operators = {
  AveragePool: { attributes: [...WINDOW_ATTRIBUTES, 'ceil_mode', 'count_include_pad'], build: averagePool },
  MaxPool: { attributes: [...WINDOW_ATTRIBUTES, 'ceil_mode', 'storage_order'], build: maxPool },
  Pad: { attributes: ['mode', 'pads', 'value'], build: padImage },
};
