/** Constants of a file, and what is computed from them before the model is built. */
import type { Size } from './sizes.js';

/** Real numbers, in float32 whatever the file has. */
export interface FloatConstant {
  readonly kind: 'floats';
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Integers or booleans (0 and 1); an element may be a size that only a run knows. */
export interface IntegerConstant {
  readonly kind: 'integers';
  readonly shape: readonly number[];
  readonly values: readonly Size[];
}

/** A value that is known before the model runs. */
export type Constant = FloatConstant | IntegerConstant;

/** Number of elements of a shape. */
export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Makes a constant of real numbers. */
export function floats(shape: readonly number[], values: ArrayLike<number>): FloatConstant {
  return { kind: 'floats', shape, values: values instanceof Float32Array ? values : Float32Array.from(values) };
}

/** Makes a constant of integers. */
export function integers(shape: readonly number[], values: readonly Size[]): IntegerConstant {
  return { kind: 'integers', shape, values };
}

/** A constant with other elements, or the same ones, in another shape. */
export function like(constant: Constant, shape: readonly number[], indices?: readonly number[]): Constant {
  if (constant.kind === 'floats') {
    const { values } = constant;
    return floats(shape, indices === undefined ? values : Float32Array.from(indices, (index) => values[index]!));
  }
  const { values } = constant;
  return integers(shape, indices === undefined ? values : indices.map((index) => values[index]!));
}
