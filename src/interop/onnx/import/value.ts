/**
 * Tensors of a file as tensors of a model. ONNX keeps images channels first, layers here channels last; reshapes and
 * transposes in a file often only move between views of the same tensor. So each tensor has two lists of axes over the same
 * atoms, the factors of its sizes: in the order in which the model stores them, and in that of the file. Reshapes,
 * transposes and squeezes change the second list alone, and layers are added only where an operator needs another order.
 */
import type { PlannedInput, PlannedLayer } from './planned.js';
import type { Size } from './sizes.js';

/** A factor of the size of an axis; each one is another object. */
export interface Atom {
  readonly size: Size;
}

/** Factors of the size of an axis, slowest first; none if the size is 1. */
export type Axis = readonly Atom[];

/** A tensor that the model computes. */
export interface Value {
  readonly kind: 'tensor';
  /** Node or input that computes it. */
  readonly source: PlannedInput | PlannedLayer;
  /** Axes as the model stores them, the batch first. */
  readonly stored: readonly Axis[];
  /** Axes in the file. */
  readonly axes: readonly Axis[];
}

/** Axes of an image of the file in the order in which the model stores them. */
export const CHANNELS_LAST = [0, 2, 3, 1] as const;

/** An axis of one size. */
export function axisOf(size: Size): Axis {
  return size === 1 ? [] : [{ size }];
}

/** True if both have the same atoms. */
export function sameAxis(a: Axis, b: Axis): boolean {
  return a.length === b.length && a.every((atom, index) => atom === b[index]);
}

/** True if both have the same axes. */
export function sameAxes(a: readonly Axis[], b: readonly Axis[]): boolean {
  return a.length === b.length && a.every((axis, index) => sameAxis(axis, b[index]!));
}

/** Replaces an atom by its factors, in both orders. */
export function splitAtom(value: Value, atom: Atom, factors: Axis): Value {
  const split = (axes: readonly Axis[]): Axis[] =>
    axes.map((axis) => axis.flatMap((each) => (each === atom ? factors : [each])));
  return { ...value, stored: split(value.stored), axes: split(value.axes) };
}
