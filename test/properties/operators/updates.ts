/** Operators of optimizers, which take lists of variables of any shapes. */
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { adamUpdates } from '../../../src/ops/adam_updates/op.js';
import { CLIP_KINDS } from '../../../src/ops/clip_gradients/kernels.js';
import { clipGradients } from '../../../src/ops/clip_gradients/op.js';
import { weightedSums } from '../../../src/ops/weighted_sums/op.js';
import { adam } from '../../oracle/adam.js';
import { array64, type Array64 } from '../../oracle/array64.js';
import type { Inputs } from '../../support/gradient_check.js';
import { Random } from '../../support/random.js';
import { between, seed } from '../arbitraries.js';
import { magnitudes, property, type AnyProperty } from '../property.js';

/** Shapes of some variables, all different. */
const variables = fc.array(fc.array(between(0, 9), { minLength: 0, maxLength: 3 }), { minLength: 1, maxLength: 4 });

/** All values in a row. */
function flat(tensors: readonly tf.Tensor[]): tf.Tensor {
  return tf.concat(tensors.map((tensor) => tf.reshape(tensor, [-1])));
}

function flat64(arrays: readonly Array64[]): Array64 {
  const data = arrays.flatMap((array) => [...array.data]);
  return array64([data.length], (index) => data[index]!);
}

const weightedSumsProperty = property({
  title: 'weightedSums()',
  operators: ['weightedSums'],
  specs: fc.record({
    seed,
    shapes: variables,
    weightA: fc.constantFrom(0, 1, 0.9, -2),
    weightB: fc.constantFrom(1, -0.1),
    isShared: fc.boolean(),
  }),
  build: ({ seed: start, shapes, weightA, weightB, isShared }) => {
    // One weight for all pairs, or one for each.
    const weightOf = (weight: number, index: number): number => (isShared ? weight : weight / (index + 1));
    const forEach = (weight: number): number | number[] =>
      isShared ? weight : shapes.map((_, index) => weightOf(weight, index));
    const random = new Random(start);
    const inputs = Object.fromEntries(
      shapes.flatMap((shape, index) => [
        [`a${index}`, random.array(shape)],
        [`b${index}`, random.array(shape)],
      ]),
    );
    const sums =
      (a: number, b: number) =>
      (given: Inputs): Array64 =>
        flat64(
          shapes.map((shape, index) =>
            array64(
              shape,
              (at) =>
                given[`a${index}`]!.data[at]! * weightOf(a, index) + given[`b${index}`]!.data[at]! * weightOf(b, index),
            ),
          ),
        );
    return {
      inputs,
      run: (tensors) =>
        flat(
          weightedSums(
            shapes.map((_, index) => tensors[`a${index}`]!),
            shapes.map((_, index) => tensors[`b${index}`]!),
            forEach(weightA),
            forEach(weightB),
          ),
        ),
      oracle: sums(weightA, weightB),
      gradients: () => ({}),
      differentiable: [],
      magnitude: (given) => ({
        y: sums(
          Math.abs(weightA),
          Math.abs(weightB),
        )(Object.fromEntries(Object.entries(given).map(([name, array]) => [name, magnitudes(array!)]))),
        gradients: {},
      }),
    };
  },
});

const clipProperty = property({
  title: 'clipGradients()',
  operators: ['clipGradients'],
  specs: fc.record({
    seed,
    shapes: variables,
    by: fc.constantFrom(...CLIP_KINDS),
    limit: fc.constantFrom(0.1, 0.5, 2, 100),
  }),
  build: ({ seed: start, shapes, by, limit }) => {
    const random = new Random(start);
    const inputs = Object.fromEntries(shapes.map((shape, index) => [`x${index}`, random.array(shape)]));
    const clipped = (given: Inputs): Array64 => {
      const arrays = shapes.map((_, index) => given[`x${index}`]!);
      const normOf = (own: readonly Array64[]): number => Math.hypot(...own.flatMap(({ data }) => [...data]));
      return flat64(
        arrays.map((array) => {
          const norm = normOf(by === 'norm' ? [array] : arrays);
          return array64(array.shape, (at) => {
            const value = array.data[at]!;
            return by === 'value' ? Math.min(Math.max(value, -limit), limit) : (value * limit) / Math.max(norm, limit);
          });
        }),
      );
    };
    return {
      inputs,
      run: (tensors) =>
        flat(
          clipGradients(
            shapes.map((_, index) => tensors[`x${index}`]!),
            { by, limit },
          ),
        ),
      oracle: clipped,
      gradients: () => ({}),
      differentiable: [],
      magnitude: (given) => ({
        y: clipped(Object.fromEntries(Object.entries(given).map(([name, array]) => [name, magnitudes(array!)]))),
        gradients: {},
      }),
    };
  },
});

const MOMENTS = ['value', 'gradient', 'firstMoment', 'secondMoment'] as const;

const adamProperty = property({
  title: 'adamUpdates()',
  operators: ['adamUpdates'],
  specs: fc.record({
    seed,
    shapes: variables,
    step: between(1, 2000),
    epsilon: fc.constantFrom(1e-7, 1e-3),
    learningRate: fc.constantFrom(1e-3, 0.1),
    decay: fc.constantFrom(0, 0.1),
  }),
  build: ({ seed: start, shapes, step, epsilon, learningRate, decay }) => {
    const random = new Random(start);
    const inputs = Object.fromEntries(
      shapes.flatMap((shape, index) =>
        MOMENTS.map((name) => [`${name}${index}`, random.array(shape, name === 'secondMoment' ? 0 : -1, 1)] as const),
      ),
    );
    const options = { beta1: 0.9, beta2: 0.999, epsilon, step };
    const rates = shapes.map((_, index) => learningRate / (index + 1));
    const decays = shapes.map((_, index) => decay * index);
    const updates = (given: Inputs, sign: 1 | -1): Array64 =>
      flat64(
        shapes.flatMap((_, index) => {
          const [value, gradient, firstMoment, secondMoment] = MOMENTS.map((name) => given[`${name}${index}`]!) as [
            Array64,
            Array64,
            Array64,
            Array64,
          ];
          const rate = sign * rates[index]!;
          const next = adam({ value, firstMoment, secondMoment }, gradient, {
            ...options,
            learningRate: rate,
            weightDecay: decays[index]!,
          });
          return [next.value, next.firstMoment, next.secondMoment];
        }),
      );
    return {
      inputs,
      run: (tensors) => {
        const given = shapes.map((_, index) => {
          const [value, gradient, firstMoment, secondMoment] = MOMENTS.map((name) => tensors[`${name}${index}`]!) as [
            tf.Tensor,
            tf.Tensor,
            tf.Tensor,
            tf.Tensor,
          ];
          return {
            value,
            gradient,
            firstMoment,
            secondMoment,
            learningRate: rates[index]!,
            weightDecay: decays[index]!,
          };
        });
        const next = adamUpdates(given, options);
        return flat(next.flatMap(({ value, firstMoment, secondMoment }) => [value, firstMoment, secondMoment]));
      },
      oracle: (given) => updates(given, 1),
      gradients: () => ({}),
      differentiable: [],
      // A negative rate adds what an update takes away.
      magnitude: (given) => ({
        y: updates(Object.fromEntries(Object.entries(given).map(([name, array]) => [name, magnitudes(array!)])), -1),
        gradients: {},
      }),
    };
  },
});

export const UPDATE_PROPERTIES: readonly AnyProperty[] = [weightedSumsProperty, clipProperty, adamProperty];
