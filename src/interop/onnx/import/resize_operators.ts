/** Operators that give images another size. */
import * as tf from '@tensorflow/tfjs';
import { layers } from '../../../layers/registry.js';
import type { Pair } from './file_window.js';
import { brief, NotImportable } from './import_error.js';
import type { NodeUse, Operators } from './node_use.js';
import type { LayerSpec } from './planned.js';
import { known, sameSize, type Size } from './sizes.js';
import { axisOf, type Value } from './value.js';

/** Size of an image after a Resize. */
interface NewSize {
  readonly height: Size;
  readonly width: Size;
  /** Factors along rows and columns, if both are whole. */
  readonly factors: Pair | undefined;
}

/** A tensor of the model with these rows and columns, if there is one. */
function tensorOfSize(use: NodeUse, height: Size, width: Size): Value | undefined {
  const { planner } = use;
  for (const value of use.around.tensors()) {
    const [, c, h, w] = value.axes;
    if (value.axes.length !== 4 || typeof planner.sizeOf(c!) !== 'number') continue;
    const fits = sameSize(planner.sizeOf(h!), height) && sameSize(planner.sizeOf(w!), width);
    if (fits && planner.orderOf(value) !== undefined) return planner.image(value, use.node.name);
  }
  return undefined;
}

/** Resizes to the rows and columns of another tensor. */
function resizeLike(use: NodeUse, x: Value, height: Size, width: Size): Value {
  const other = tensorOfSize(use, height, width);
  if (other === undefined) throw new NotImportable('its new size must be known, or be that of another tensor');
  const [n, c] = x.axes;
  const spec: LayerSpec = { create: ({ name }) => layers.resizeBilinear({ name }) };
  return use.imageLayer(spec, [x, other], [n!, c!, other.axes[2]!, other.axes[3]!]);
}

/** True for operators whose defaults are those of operator set 10 and before. */
const isOld = ({ node, opset }: NodeUse): boolean => node.type === 'Upsample' || opset < 11;

function newSize(use: NodeUse, x: Value): NewSize {
  const { sizes } = use.planner;
  const [before, across] = [use.planner.sizeOf(x.axes[2]!), use.planner.sizeOf(x.axes[3]!)];
  const input = isOld(use) ? 1 : 2;
  const scales = use.has(input) ? [...use.floats(input).values] : (use.list('scales') ?? []);
  if (scales.length > 0) {
    const [n, c, y, z] = scales as [number, number, number, number];
    if (scales.length !== 4 || n !== 1 || c !== 1) throw new NotImportable(ROWS_AND_COLUMNS);
    const isWhole = [y, z].every((scale) => Number.isInteger(scale) && scale >= 1);
    if (isWhole) return { height: sizes.times(before, y), width: sizes.times(across, z), factors: [y, z] };
    return { height: Math.floor(known(before) * y), width: Math.floor(known(across) * z), factors: undefined };
  }
  const target = use.has(3) ? use.sizes(3) : [];
  if (target.length !== 4) throw new NotImportable(ROWS_AND_COLUMNS);
  const [height, width] = [target[2]!, target[3]!];
  const factors = [sizes.over(height, before), sizes.over(width, across)];
  const isWhole = factors.every((factor) => typeof factor === 'number' && factor >= 1);
  return { height, width, factors: isWhole ? (factors as unknown as Pair) : undefined };
}

const ROWS_AND_COLUMNS = 'it must resize rows and columns';

function resize(use: NodeUse): Value {
  const x = use.image();
  const mode = use.expect('mode', use.text('mode', 'nearest'), ['nearest', 'linear', 'bilinear']);
  const centres = use.text('coordinate_transformation_mode', isOld(use) ? 'asymmetric' : 'half_pixel');
  use.expect('antialias', use.number('antialias', 0), [0]);
  use.expect('keep_aspect_ratio_policy', use.text('keep_aspect_ratio_policy', 'stretch'), ['stretch']);
  const size = newSize(use, x);
  if (mode === 'nearest') return resized(use, x, size, repeated(use, size, centres));
  return bilinear(use, x, size, centres);
}

function resized(use: NodeUse, x: Value, { height, width }: NewSize, spec: LayerSpec): Value {
  return use.imageLayer(spec, [x], [x.axes[0]!, x.axes[1]!, axisOf(height), axisOf(width)]);
}

const isHalfPixel = (centres: string): boolean => centres === 'half_pixel' || centres === 'pytorch_half_pixel';

/** By whole factors, these repeat each pixel. */
function repeated(use: NodeUse, { factors }: NewSize, centres: string): LayerSpec {
  const rounding = use.text('nearest_mode', isOld(use) ? 'floor' : 'round_prefer_floor');
  const isFloor = centres === 'asymmetric' && rounding === 'floor';
  const repeats = isFloor || (isHalfPixel(centres) && rounding.startsWith('round'));
  if (factors === undefined || !repeats) {
    throw new NotImportable(
      'in mode nearest it must repeat each pixel: whole factors, half_pixel or asymmetric with floor',
    );
  }
  return { create: ({ name }) => layers.upSampling2d({ name, size: [...factors] }) };
}

function bilinear(use: NodeUse, x: Value, size: NewSize, centres: string): Value {
  const { height, width, factors } = size;
  const interpolation = 'bilinear';
  const make = (create: LayerSpec['create']): Value => resized(use, x, size, { create });
  if (centres === 'asymmetric' && factors !== undefined) {
    // The centres of TensorFlow.js's own layer.
    return make(({ name }) => tf.layers.upSampling2d({ name, size: [...factors], interpolation }));
  }
  if (!isHalfPixel(centres)) {
    throw new NotImportable(`its coordinate_transformation_mode must be half_pixel, not ${brief(centres)}`);
  }
  if (factors !== undefined) {
    return make(({ name }) => layers.upSampling2d({ name, size: [...factors], interpolation }));
  }
  if (typeof height !== 'number' || typeof width !== 'number') return resizeLike(use, x, height, width);
  return make(({ name }) => layers.resizing({ name, height, width }));
}

/** Repeats the single pixel of an image. */
function expand(use: NodeUse): Value {
  const value = use.tensor();
  const { planner } = use;
  const own = value.axes.map((axis) => planner.sizeOf(axis));
  const target = use.sizes(1);
  const isSame = target.every((size, index) => {
    const axis = own.length - target.length + index;
    return size === 1 || sameSize(size, own[axis] ?? 1) || (axis === 0 && size === planner.fixedBatch);
  });
  if (isSame && target.length <= own.length) return value;
  if (own.length !== 4 || target.length !== 4 || own[2] !== 1 || own[3] !== 1) {
    throw new NotImportable('it must repeat the only pixel of an image');
  }
  const x = use.image();
  const [height, width] = [target[2]!, target[3]!];
  if (typeof height !== 'number' || typeof width !== 'number') return resizeLike(use, x, height, width);
  const spec: LayerSpec = { create: ({ name }) => layers.upSampling2d({ name, size: [height, width] }) };
  return resized(use, x, { height, width, factors: undefined }, spec);
}

const RESIZE_ATTRIBUTES = [
  ...['antialias', 'coordinate_transformation_mode', 'cubic_coeff_a', 'exclude_outside', 'extrapolation_value'],
  ...['keep_aspect_ratio_policy', 'mode', 'nearest_mode', 'scales'],
];

export const RESIZE_OPERATORS: Operators = {
  Expand: { build: expand },
  Resize: { attributes: RESIZE_ATTRIBUTES, build: resize },
  Upsample: { attributes: RESIZE_ATTRIBUTES, build: resize },
};
