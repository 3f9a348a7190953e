/**
 * A property of an operator: for every case that its generator draws, value and gradients on a backend agree with
 * float64. One definition per operator (operators/), one body for all of them and all backends (declare.ts).
 *
 * An error is measured relative to the accuracy of float32: |got − want| over the sum of the absolute values of the
 * terms of the expected sum. Relative to the sum itself, one that nearly cancels would look wrong.
 */
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { array64, unravel, type Array64 } from '../oracle/array64.js';
import { toTensor, toTensors, type Inputs, type Tensors } from '../support/gradient_check.js';
import { Random } from '../support/random.js';
import { scoped } from '../support/scoped.js';

/** Value and gradients of ⟨y, dy⟩, or the magnitudes for their relative errors: per element, or one for all. */
export interface Truth<T = Array64> {
  readonly y: T;
  readonly gradients: Readonly<Record<string, T>>;
}

/** One drawn case. */
export interface PropertyCase {
  readonly inputs: Inputs;
  readonly run: (tensors: Tensors) => tf.Tensor;
  readonly oracle: (inputs: Inputs) => Array64;
  /** Gradients of ⟨y, dy⟩ by formula, at least of the differentiable inputs. */
  readonly gradients: (inputs: Inputs, dy: Array64) => Inputs;
  readonly differentiable: readonly string[];
  /** Inputs at whose values slopes may jump: formulas are valid there, finite differences are not. @default none */
  readonly kinks?: readonly string[];
  /** Inputs in which it is linear, for constant other inputs and no bias. @default none */
  readonly linear?: readonly string[];
  /** Inputs with one row for each item of the batch, as the output has. @default none */
  readonly items?: readonly string[];
  /** Sums of the absolute values of all terms. */
  readonly magnitude: (inputs: Inputs, dy: Array64) => Truth<Array64 | number>;
}

export interface Property<Spec = unknown> {
  /** Title in the test's name. */
  readonly title: string;
  /** The operators of src/ops/registry.ts whose kernels it runs. */
  readonly operators: readonly string[];
  /**
   * True if it runs TensorFlow.js kernels, which webgl and webgpu compile once per shape: a tenth of the cases there.
   */
  readonly composed?: boolean;
  /**
   * Generator of specs: small numbers and words, from which a case is built, so that a failure shrinks to something
   * readable.
   */
  readonly specs: fc.Arbitrary<Spec>;
  readonly build: (spec: Spec) => PropertyCase;
}

/** The same, with its specs hidden, so that all of them fit into one list. */
export interface AnyProperty {
  readonly title: string;
  readonly operators: readonly string[];
  readonly composed: boolean;
  readonly cases: fc.Arbitrary<DrawnCase>;
}

/** A case that prints as the spec it was made from. */
export interface DrawnCase<Case = PropertyCase> {
  readonly spec: unknown;
  readonly build: () => Case;
  toString(): string;
}

export function property<Spec>({ title, operators, specs, build, composed = false }: Property<Spec>): AnyProperty {
  return { title, operators, composed, cases: drawn(specs, build) };
}

/** Cases that are built when they are run; all backends draw the same ones, and each is built once for all of them. */
export function drawn<Spec, Case>(
  specs: fc.Arbitrary<Spec>,
  build: (spec: Spec) => Case,
): fc.Arbitrary<DrawnCase<Case>> {
  const built = new Map<string, Case>();
  return specs.map((spec) => {
    const text = (): string => fc.stringify(spec);
    return { spec, build: () => recall(built, text(), () => build(spec)), toString: text };
  });
}

function recall<Key, Value>(known: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = known.get(key);
  if (value === undefined) {
    value = make();
    known.set(key, value);
  }
  return value;
}

/** A function of a case that is computed once, whatever the number of backends. */
function once<T>(compute: (op: PropertyCase) => T): (op: PropertyCase) => T {
  const known = new Map<PropertyCase, T>();
  return (op) => recall(known, op, () => compute(op));
}

const valueOf = once((op) => op.oracle(op.inputs));

/** The gradient of the loss with respect to the value, in every check. */
export const upstreamOf = once((op) => new Random(0x5eed).array(valueOf(op).shape));

const gradientsOf = once((op) => op.gradients(op.inputs, upstreamOf(op)) as Record<string, Array64>);

/** Magnitudes for relative errors of value and gradients. */
export const magnitudeOf = once((op) => op.magnitude(op.inputs, upstreamOf(op)));

/** Element with the largest error of an array. */
export interface Worst {
  /** 'y', or 'd_' and the name of an input. */
  readonly array: string;
  readonly index: readonly number[];
  readonly got: number;
  readonly want: number;
  readonly error: number;
}

/** Inputs with absolute values, except those in `kept`. */
export function absolute(inputs: Inputs, kept: readonly string[] = []): Inputs {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, array]) => [name, kept.includes(name) || !array ? array : magnitudes(array)]),
  );
}

export function magnitudes(array: Array64): Array64 {
  return array64(array.shape, (index) => Math.abs(array.data[index]!));
}

/** Magnitudes of a value whose terms are products of inputs: its oracle at their absolute values. */
export function productMagnitude(
  { oracle, gradients }: Pick<PropertyCase, 'oracle' | 'gradients'>,
  kept: readonly string[] = [],
): PropertyCase['magnitude'] {
  return (inputs, dy) => {
    const positive = absolute(inputs, kept);
    return { y: oracle(positive), gradients: gradients(positive, magnitudes(dy)) as Record<string, Array64> };
  };
}

/** The largest finite absolute value. */
export function largest(array: Array64): number {
  return array.data.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0);
}

/** The worst element; if NaN or an infinity is expected, any value that is not finite is accepted (∞ − ∞ and 0 · ∞). */
function worstOf(array: string, got: ArrayLike<number>, want: Array64, magnitude: Array64 | number): Worst | undefined {
  let worst: Worst | undefined;
  for (let position = 0; position < want.data.length; position++) {
    const [wanted, value] = [want.data[position]!, got[position]!];
    const size = typeof magnitude === 'number' ? magnitude : magnitude.data[position]!;
    const distance = Number.isFinite(wanted) ? Math.abs(value - wanted) : Number.isFinite(value) ? Infinity : 0;
    const ratio = distance === 0 ? 0 : distance / size;
    const error = Number.isNaN(ratio) ? Infinity : ratio;
    if (worst === undefined || error > worst.error) {
      worst = { array, index: unravel(want.shape, position), got: value, want: wanted, error };
    }
  }
  return worst;
}

/** The value on the active backend, and the gradients of ⟨value, dy⟩ in the named inputs, if any, of one call. */
export function evaluate(
  { run }: Pick<PropertyCase, 'run'>,
  inputs: Inputs,
  names: readonly string[],
  dy: Array64,
): Truth<tf.Tensor> {
  const tensors = toTensors(inputs);
  if (names.length === 0) return { y: run(tensors), gradients: {} };
  const named = <T>(values: readonly T[]) => Object.fromEntries(names.map((name, index) => [name, values[index]!]));
  const { value, grads } = tf.valueAndGrads((...given: tf.Tensor[]) => run({ ...tensors, ...named(given) }))(
    names.map((name) => tensors[name]!),
    toTensor(dy),
  );
  return { y: value, gradients: named(grads) };
}

/** The worst element of value and gradients, each compared on the active backend; throws if a shape differs. */
export async function worstErrors(op: PropertyCase): Promise<Worst[]> {
  const wanted = { y: valueOf(op), gradients: gradientsOf(op) };
  const magnitude = magnitudeOf(op);
  return scoped(() => compared(evaluate(op, op.inputs, op.differentiable, upstreamOf(op)), wanted, magnitude));
}

/** The worst element of each given array; throws if a shape differs. */
export async function compared(
  got: Truth<tf.Tensor>,
  wanted: Truth,
  magnitude: Truth<Array64 | number>,
): Promise<Worst[]> {
  const rows = [
    { array: 'y', tensor: got.y, want: wanted.y, size: magnitude.y },
    ...Object.entries(got.gradients).map(([name, tensor]) => ({
      array: `d_${name}`,
      tensor,
      want: wanted.gradients[name]!,
      size: magnitude.gradients[name]!,
    })),
  ];
  const data = await Promise.all(rows.map(({ tensor }) => tensor.data()));
  return rows.flatMap(({ array, tensor, want, size }, index) => {
    if (tensor.shape.join() !== want.shape.join()) {
      throw new Error(`${array} has shape [${tensor.shape.join(', ')}], expected [${want.shape.join(', ')}]`);
    }
    return worstOf(array, data[index]!, want, size) ?? [];
  });
}

/** Describes the error of an element, on one line. */
export function textOf({ array, index, got, want, error }: Worst, limit: number): string {
  return `${array}[${index.join(', ')}] = ${got}, expected ${want}: error ${error.toExponential(2)} > ${limit}`;
}
