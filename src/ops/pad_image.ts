/**
 * Explicit padding of an image batch [n, h, w, c] for the padding modes other than zeros (PyTorch's names and rules).
 * Composed of slices, reversals and concatenations, which every backend has with gradients of every order.
 */
import * as tf from '@tensorflow/tfjs';
import { rangeError, type Action } from '../errors.js';
import type { PaddingMode } from './geometry.js';

/** [[top, bottom], [left, right]] in pixels. */
export type Sides = readonly [readonly [number, number], readonly [number, number]];

/** The batch padded on its four sides. `reflect` needs amounts below the size, `circular` at most the size. */
export function padImage(
  action: Action,
  x: tf.Tensor4D,
  sides: Sides,
  mode: Exclude<PaddingMode, 'zeros'>,
): tf.Tensor4D {
  return padAxis(action, padAxis(action, x, 1, sides[0], mode), 2, sides[1], mode);
}

/** Refuses amounts of padding that an axis of this size has no pixels for. */
export function checkBorder(
  action: Action,
  size: number,
  sides: readonly [number, number],
  mode: Exclude<PaddingMode, 'zeros'>,
): void {
  const limit = mode === 'reflect' ? size - 1 : mode === 'circular' ? size : Infinity;
  const largest = Math.max(...sides);
  if (largest > limit) {
    const rule = `paddingMode '${mode}' allows at most ${limit} on an axis of size ${size}`;
    throw rangeError(action, rule, 'padding', largest);
  }
}

function padAxis(
  action: Action,
  x: tf.Tensor4D,
  axis: 1 | 2,
  [before, after]: readonly [number, number],
  mode: Exclude<PaddingMode, 'zeros'>,
): tf.Tensor4D {
  if (before === 0 && after === 0) return x;
  checkBorder(action, x.shape[axis], [before, after], mode);
  const parts: tf.Tensor4D[] = [];
  if (before > 0) parts.push(border(x, axis, before, 'before', mode));
  parts.push(x);
  if (after > 0) parts.push(border(x, axis, after, 'after', mode));
  return tf.concat(parts, axis);
}

/** The `amount` rows or columns that stand before or after the image. */
function border(
  x: tf.Tensor4D,
  axis: 1 | 2,
  amount: number,
  place: 'before' | 'after',
  mode: Exclude<PaddingMode, 'zeros'>,
): tf.Tensor4D {
  const size = x.shape[axis];
  const slice = (start: number, length: number): tf.Tensor4D => {
    const begin: [number, number, number, number] = [0, 0, 0, 0];
    const extent: [number, number, number, number] = [...x.shape];
    begin[axis] = start;
    extent[axis] = length;
    return tf.slice(x, begin, extent);
  };
  if (mode === 'reflect') return tf.reverse(slice(place === 'before' ? 1 : size - 1 - amount, amount), axis);
  if (mode === 'circular') return slice(place === 'before' ? size - amount : 0, amount);
  const repeats: [number, number, number, number] = [1, 1, 1, 1];
  repeats[axis] = amount;
  return tf.tile(slice(place === 'before' ? 0 : size - 1, 1), repeats);
}
