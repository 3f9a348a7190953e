/** Everything in src/ops has random cases, and the oracles that they trust agree with finite differences. */
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import * as operators from '../../src/ops/index.js';
import { OPS } from '../../src/ops/registry.js';
import { array64, inner, type Array64 } from '../oracle/array64.js';
import type { Inputs } from '../support/gradient_check.js';
import { Random } from '../support/random.js';
import { withoutConstants } from './identities.js';
import { PROPERTIES } from './index.js';
import { evaluate, type AnyProperty, type PropertyCase } from './property.js';

/** Enough for every kernel and every form of an operator. */
const CASES = 60;

const drawn = ({ cases }: AnyProperty): PropertyCase[] =>
  fc.sample(cases, { numRuns: CASES, seed: 1 }).flatMap(({ build }) => {
    try {
      return [build()];
    } catch (error) {
      // A case that its own preconditions exclude.
      if (error instanceof fc.PreconditionFailure) return [];
      throw error;
    }
  });

beforeAll(() => tf.setBackend('cpu'));

test.each(OPS)('$name has random cases that run each of its kernels', async ({ name, kernelNames }) => {
  const ran = new Set<string>();
  for (const property of PROPERTIES.filter(({ operators: own }) => own.includes(name))) {
    for (const op of drawn(property)) {
      const dy = new Random(1).array(op.oracle(op.inputs).shape);
      const { kernelNames: called } = await tf.profile(() => {
        const { y, gradients } = evaluate(op, op.inputs, op.differentiable, dy);
        tf.dispose([y, ...Object.values(gradients)]);
        return y;
      });
      called.forEach((kernel) => ran.add(kernel));
    }
  }
  expect(kernelNames.filter((kernel) => !ran.has(kernel))).toEqual([]);
});

test.each(Object.entries(operators).filter(([, value]) => typeof value === 'function'))(
  '%s() has random cases',
  (name) => {
    expect(PROPERTIES.filter(({ title }) => title.includes(`${name}()`))).not.toEqual([]);
  },
);

/** In float64 the error of central differences at this step is about 1e-8. */
const STEP = 1e-4;

/** Largest relative difference between a formula and the central difference along a random direction. */
function disagreement(op: PropertyCase, name: string): number {
  const input = op.inputs[name]!;
  const dy = new Random(2).array(op.oracle(op.inputs).shape);
  const direction = new Random(3).array(input.shape);
  const loss = (step: number): number => {
    const moved: Array64 = array64(input.shape, (index) => input.data[index]! + step * direction.data[index]!);
    const given: Inputs = { ...op.inputs, [name]: moved };
    return inner(op.oracle(given), dy);
  };
  const gradient = op.gradients(op.inputs, dy)[name]!;
  const size = Math.sqrt(inner(gradient, gradient) * inner(direction, direction));
  const difference = (loss(STEP) - loss(-STEP)) / (2 * STEP);
  return Math.abs(difference - inner(gradient, direction)) / Math.max(size, 1e-3);
}

test.each(PROPERTIES)('the formulas for $title agree with finite differences of its oracle', (property) => {
  for (const op of drawn(property)) {
    if (!Object.values(op.inputs).every((array) => array?.data.every(Number.isFinite) ?? true)) continue;
    for (const name of op.differentiable.filter((input) => !(op.kinks ?? []).includes(input))) {
      expect(disagreement(op, name)).toBeLessThan(1e-6);
    }
  }
});

/** Number of pairs of arguments: enough that one mixes the signs or corners of anything that is not linear. */
const PAIRS = 20;

/** Tests whether f(a + b) = f(a) + f(b) in an input, and f is not 0 everywhere. */
function isAdditive(op: PropertyCase, name: string): boolean {
  const { shape } = op.inputs[name]!;
  const inputs = withoutConstants(op.inputs);
  const random = new Random(4);
  let most = 0;
  for (let pair = 0; pair < PAIRS; pair++) {
    const [a, b] = [random.array(shape), random.array(shape)];
    const sum = array64(shape, (index) => a.data[index]! + b.data[index]!);
    const [ofA, ofB, ofSum] = [a, b, sum].map((value) => op.oracle({ ...inputs, [name]: value }).data) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    for (let index = 0; index < ofSum.length; index++) {
      const size = Math.abs(ofA[index]!) + Math.abs(ofB[index]!);
      if (!(Math.abs(ofSum[index]! - ofA[index]! - ofB[index]!) <= 1e-9 * (1 + size))) return false;
      most = Math.max(most, size);
    }
  }
  return most > 0;
}

/** Linear where every window has one pixel, and nowhere else. */
const MAXIMA = ['maxPool2d()', 'roiPool()'];

test.each(PROPERTIES.filter(({ title }) => !MAXIMA.includes(title)))(
  '$title compares ⟨Ju, v⟩ with ⟨u, Jᵀv⟩ in every input that it is linear in',
  (property) => {
    for (const op of drawn(property)) {
      const others = op.differentiable.filter(
        (name) => !['bias', 'beta', ...(op.linear ?? [])].includes(name) && op.inputs[name] !== undefined,
      );
      expect(others.filter((name) => isAdditive(op, name))).toEqual([]);
    }
  },
);
