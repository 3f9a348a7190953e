/**
 * Relations between calls of an operator, whatever its values: equal bits, parts of a batch, the adjoint of a linear
 * map, another operator with the same result.
 */
import type * as tf from '@tensorflow/tfjs';
import type fc from 'fast-check';
import { array64, inner, type Array64 } from '../oracle/array64.js';
import type { TestBackend } from '../support/backends.js';
import { expectClose, expectSameBits, values } from '../support/compare.js';
import { toTensor, toTensors, valueAndGradients, type Inputs } from '../support/gradient_check.js';
import { Random } from '../support/random.js';
import { scoped } from '../support/scoped.js';
import {
  compared,
  drawn,
  evaluate,
  magnitudeOf,
  textOf,
  upstreamOf,
  type DrawnCase,
  type PropertyCase,
} from './property.js';

/** Two computations of the same numbers. */
export interface IdentityCase {
  /**
   * One computation, with the magnitudes for relative errors; its differentiable inputs are inputs of the other, too.
   */
  readonly op: PropertyCase;
  readonly other: Pick<PropertyCase, 'inputs' | 'run'>;
  /** Converts a gradient of the other computation to one of the first. @default no conversion */
  readonly back?: (name: string, gradient: Array64) => Array64;
}

/** Random cases of an identity. */
export interface AnyIdentity {
  readonly title: string;
  readonly cases: fc.Arbitrary<DrawnCase<IdentityCase>>;
}

export function identityOf<Spec>(
  title: string,
  specs: fc.Arbitrary<Spec>,
  build: (spec: Spec) => IdentityCase,
): AnyIdentity {
  return { title, cases: drawn(specs, build) };
}

/** Fails unless both computations give the same value and gradients, as exactly as float32 can. */
export async function checkIdentity(
  { op, other, back = (_, gradient) => gradient }: IdentityCase,
  { property }: TestBackend,
): Promise<void> {
  const dy = upstreamOf(op);
  const names = op.differentiable;
  await scoped(async () => {
    const want = evaluate(other, other.inputs, names, dy);
    const gradients = await Promise.all(
      names.map(async (name) => [name, back(name, await values(want.gradients[name]!))] as const),
    );
    const wanted = { y: await values(want.y), gradients: Object.fromEntries(gradients) };
    const limit = 2 * property;
    for (const found of await compared(evaluate(op, op.inputs, names, dy), wanted, magnitudeOf(op))) {
      if (!(found.error <= limit)) throw new Error(textOf(found, limit));
    }
  });
}

/** Fails unless two calls give the same bits, value and gradients, and so does a call without gradients. */
export async function checkRepeatable(op: PropertyCase): Promise<void> {
  const dy = upstreamOf(op);
  await scoped(async () => {
    const first = evaluate(op, op.inputs, op.differentiable, dy);
    const second = evaluate(op, op.inputs, op.differentiable, dy);
    await expectSameBits(second.y, first.y, 'y again');
    await expectSameBits(op.run(toTensors(op.inputs)), first.y, 'y without gradients');
    for (const name of op.differentiable) {
      await expectSameBits(second.gradients[name]!, first.gradients[name]!, `d_${name} again`);
    }
  });
}

/**
 * Fails unless every item of a batch alone gives its part of the whole; with the same bits if results are repeatable.
 */
export async function checkSplit(op: PropertyCase, { repeatable, property }: TestBackend): Promise<void> {
  const { items = [], inputs } = op;
  const count = items[0] === undefined ? 0 : inputs[items[0]]!.shape[0]!;
  const names = items.filter((name) => op.differentiable.includes(name));
  if (count < 2) return;
  const dy = upstreamOf(op);
  const sizes = magnitudeOf(op);
  await scoped(async () => {
    const whole = evaluate(op, inputs, names, dy);
    for (let item = 0; item < count; item++) {
      const given: Inputs = Object.fromEntries(
        Object.entries(inputs).map(([name, array]) => [
          name,
          array && items.includes(name) ? part(array, item) : array,
        ]),
      );
      const alone = evaluate(op, given, names, part(dy, item));
      const compare = async (name: string, got: tf.Tensor, all: tf.Tensor, size: Array64 | number): Promise<void> => {
        const want = part(await values(all), item);
        if (repeatable) await expectSameBits(got, toTensor(want), `${name} of item ${item} alone`);
        else await expectNear(await values(got), want, size, 2 * property, `${name} of item ${item} alone`, item);
      };
      await compare('y', alone.y, whole.y, sizes.y);
      for (const name of names) {
        await compare(`d_${name}`, alone.gradients[name]!, whole.gradients[name]!, sizes.gradients[name]!);
      }
    }
  });
}

/**
 * Fails unless the error of every element is within its magnitude times the limit; `item` selects part of the
 * magnitudes.
 */
async function expectNear(
  got: Array64,
  want: Array64,
  size: Array64 | number,
  limit: number,
  name: string,
  item: number,
): Promise<void> {
  const sizes = typeof size === 'number' ? array64(want.shape, () => size) : part(size, item);
  const scaled = (array: Array64): Array64 =>
    array64(array.shape, (index) =>
      Number.isFinite(array.data[index]) && sizes.data[index]! > 0 ? array.data[index]! / sizes.data[index]! : 0,
    );
  // Relative to its magnitude each element is at most 1, and so is the allowed error.
  await expectClose(
    array64([...want.shape, 2], (index) => (index % 2 === 0 ? scaled(got).data[index / 2]! : 1)),
    array64([...want.shape, 2], (index) => (index % 2 === 0 ? scaled(want).data[index / 2]! : 1)),
    limit * Math.SQRT2,
    name,
  );
}

/** Fails unless ⟨Ju, v⟩ = ⟨u, Jᵀv⟩ in every input in which it is linear, with all inputs finite. */
export async function checkAdjoint(op: PropertyCase, { property }: TestBackend): Promise<void> {
  const { inputs, linear = [] } = op;
  if (linear.length === 0 || !linear.every((name) => inputs[name]?.data.every(Number.isFinite) ?? true)) return;
  const plain = withoutConstants(inputs);
  await scoped(async () => {
    const tensors = toTensors(plain);
    const ju = await values(op.run(tensors));
    const v = new Random(0xad).array(ju.shape);
    const names = linear.filter((name) => plain[name] !== undefined);
    const { gradients } = valueAndGradients(op.run, tensors, names, toTensor(v));
    const { y } = op.magnitude(plain, v);
    const size =
      typeof y === 'number'
        ? y * v.data.reduce((sum, value) => sum + Math.abs(value), 0)
        : y.data.reduce((sum, value, index) => sum + value * Math.abs(v.data[index]!), 0);
    const want = inner(ju, v);
    for (const name of names) {
      const got = inner(plain[name]!, await values(gradients[name]!));
      if (!(Math.abs(got - want) <= 2 * property * size)) {
        throw new Error(`⟨u, Jᵀv⟩ = ${got} in ${name}, expected ⟨Ju, v⟩ = ${want} within ${2 * property * size}`);
      }
    }
  });
}

/** The inputs with biases set to 0. */
export function withoutConstants(inputs: Inputs): Inputs {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, array]) => [
      name,
      array && ['bias', 'beta'].includes(name) ? array64(array.shape) : array,
    ]),
  );
}

/** One item of a batch, as a batch of one. */
function part({ shape, data }: Array64, item: number): Array64 {
  const size = data.length / shape[0]!;
  return { shape: [1, ...shape.slice(1)], data: data.slice(item * size, (item + 1) * size) };
}
