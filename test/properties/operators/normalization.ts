/** batchNorm and its statistics, batchNormInference. */
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import * as conv from '../../../src/index.js';
import { FUSED_ACTIVATIONS, type FusedActivation } from '../../../src/kernel/fused_activation.js';
import { array64, type Array64 } from '../../oracle/array64.js';
import {
  batchNorm,
  batchNormGradients,
  batchNormInference,
  batchNormInferenceGradients,
  moments,
  normalize,
  type BatchNormInferenceInputs,
  type BatchNormInputs,
} from '../../oracle/batch_norm.js';
import type { Inputs, Tensors } from '../../support/gradient_check.js';
import { Random } from '../../support/random.js';
import { between, seed, TAILS } from '../arbitraries.js';
import { magnitudes, property, type AnyProperty, type Truth } from '../property.js';

const channels = fc.oneof(between(1, 5), fc.constantFrom(...TAILS));

const normSpecs = fc.record({
  seed,
  rows: fc.array(between(1, 7), { minLength: 1, maxLength: 4 }),
  empty: fc.oneof({ weight: 15, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  channels,
  /** Mean over deviation of the channels, about. */
  distance: fc.constantFrom(0, 1, 10, 1000),
  affine: fc.constantFrom('both', 'gamma', 'beta', 'none'),
  epsilon: fc.constantFrom(1e-3, 1e-5, 1),
  activation: fc.constantFrom(...FUSED_ACTIVATIONS),
});

type NormSpec = typeof normSpecs extends fc.Arbitrary<infer T> ? T : never;

function normInputs({ seed: start, rows, empty, channels: count, distance, affine }: NormSpec): BatchNormInputs {
  const random = new Random(start);
  const shape = [empty ? 0 : rows[0]!, ...rows.slice(1), count];
  const spreads = random.array([count], 0.2, 3);
  const x = array64(shape, (index) =>
    Math.fround(spreads.data[index % count]! * (distance * (1 + (index % count) / count) + random.uniform(-1.7, 1.7))),
  );
  return {
    x,
    ...((affine === 'both' || affine === 'gamma') && { gamma: random.array([count], -4, 4) }),
    ...((affine === 'both' || affine === 'beta') && { beta: random.array([count], -1, 5) }),
  };
}

/**
 * The error of x − mean is relative to the larger of both, divided by the deviation; and so is the relative error of
 * the deviation.
 */
function normMagnitude(inputs: BatchNormInferenceInputs, dy: Array64, epsilon: number, training: boolean): Truth {
  const { x, variance, gamma, beta } = inputs;
  const count = variance.shape[0]!;
  const rows = x.data.length / count;
  const inverse = (c: number): number => 1 / Math.sqrt(variance.data[c]! + epsilon);
  const condition = array64([count], () => 1);
  x.data.forEach((value, index) => {
    const c = index % count;
    condition.data[c] = Math.max(condition.data[c]!, 1 + Math.abs(value) * inverse(c));
  });
  const normalized = magnitudes(normalize(inputs, { epsilon }));
  const size = (index: number): number => (1 + normalized.data[index]!) * condition.data[index % count]!;
  const [dgamma, dbeta] = [array64([count]), array64([count])];
  dy.data.forEach((value, index) => {
    dgamma.data[index % count]! += Math.abs(value) * size(index);
    dbeta.data[index % count]! += Math.abs(value);
  });
  const dx = array64(x.shape, (index) => {
    const c = index % count;
    const means = training ? (dbeta.data[c]! + size(index) * dgamma.data[c]!) / rows : 0;
    return Math.abs(gamma?.data[c] ?? 1) * inverse(c) * (Math.abs(dy.data[index]!) + means) * condition.data[c]!;
  });
  const y = array64(x.shape, (index) => {
    const c = index % count;
    return Math.abs(gamma?.data[c] ?? 1) * size(index) + Math.abs(beta?.data[c] ?? 0);
  });
  return { y, gradients: { x: dx, gamma: dgamma, beta: dbeta } };
}

/** Relative to the terms of a sum: nearer to a corner of the activation, float32 may fall on its other side. */
const CORNER = 1e-5;

/** The activation, unless a value is too near one of its corners. */
function clearActivation(plain: Array64, sizes: Array64, activation: FusedActivation): FusedActivation {
  const unclear = plain.data.some((value, index) =>
    [0, 6].some((corner) => Math.abs(value - corner) <= CORNER * (sizes.data[index]! + corner)),
  );
  return unclear ? 'linear' : activation;
}

function normOptions({ gamma, beta }: Tensors): conv.BatchNormOptions {
  return { gamma: gamma as tf.Tensor1D | undefined, beta: beta as tf.Tensor1D | undefined };
}

const batchNormProperty = property({
  title: 'batchNorm()',
  operators: ['batchNorm'],
  specs: normSpecs,
  build: (spec) => {
    const { epsilon } = spec;
    const inputs = normInputs(spec);
    const magnitude = (given: Inputs, dy: Array64): Truth => {
      const typed = given as unknown as BatchNormInputs;
      return normMagnitude({ ...typed, ...moments(typed.x) }, dy, epsilon, true);
    };
    const plain = batchNorm(inputs, { epsilon });
    const activation = clearActivation(plain, magnitude(inputs, plain).y, spec.activation);
    const options = { epsilon, activation };
    return {
      inputs,
      run: (tensors) => conv.batchNorm(tensors['x']!, { ...normOptions(tensors), ...options }).y,
      oracle: (given) => batchNorm(given as unknown as BatchNormInputs, options),
      gradients: (given, dy) => batchNormGradients(given as unknown as BatchNormInputs, dy, options),
      differentiable: Object.keys(inputs),
      linear: activation === 'linear' && inputs.gamma ? ['gamma'] : [],
      kinks: activation === 'linear' ? [] : Object.keys(inputs),
      magnitude,
    };
  },
});

const statisticsProperty = property({
  title: 'the statistics of batchNorm()',
  operators: ['batchNorm'],
  specs: normSpecs,
  build: (spec) => {
    const { x } = normInputs({ ...spec, empty: false });
    const oracle = (given: Inputs): Array64 => {
      const { mean, variance } = moments(given['x']!);
      return array64([2, spec.channels], (index) => [...mean.data, ...variance.data][index]!);
    };
    return {
      inputs: { x },
      run: (tensors) => {
        const { mean, variance } = conv.batchNorm(tensors['x']!);
        return tf.stack([mean, variance]);
      },
      oracle,
      gradients: () => ({}),
      differentiable: [],
      // A variance is as exact as (mean · deviation) and its own square.
      magnitude: (given) => {
        const most = array64([spec.channels]);
        given['x']!.data.forEach((value, index) => {
          const c = index % spec.channels;
          most.data[c] = Math.max(most.data[c]!, Math.abs(value));
        });
        const { variance } = moments(given['x']!);
        const deviation = (c: number): number => Math.sqrt(variance.data[c]!);
        const y = array64([2, spec.channels], (index) => {
          const c = index % spec.channels;
          return index < spec.channels
            ? most.data[c]!
            : deviation(c) ** 2 + deviation(c) * most.data[c]! + most.data[c]! ** 2 * 1e-6;
        });
        return { y, gradients: {} };
      },
    };
  },
});

const inferenceProperty = property({
  title: 'batchNormInference()',
  operators: ['batchNormInference'],
  specs: normSpecs,
  build: (spec) => {
    const { epsilon, channels: count, distance } = spec;
    const random = new Random(spec.seed + 1);
    const inputs: BatchNormInferenceInputs = {
      ...normInputs(spec),
      mean: array64([count], (c) => Math.fround(distance * (1 + c / count) + random.uniform(-0.5, 0.5))),
      variance: random.array([count], 0.1, 3),
    };
    const typed = (given: Inputs): BatchNormInferenceInputs => given as unknown as BatchNormInferenceInputs;
    const magnitude = (given: Inputs, dy: Array64): Truth => normMagnitude(typed(given), dy, epsilon, false);
    const plain = batchNormInference(inputs, { epsilon });
    const activation = clearActivation(plain, magnitude(inputs, plain).y, spec.activation);
    const options = { epsilon, activation };
    return {
      inputs,
      run: ({ x, mean, variance, ...affine }) =>
        conv.batchNormInference(x!, mean as tf.Tensor1D, variance as tf.Tensor1D, {
          ...normOptions(affine),
          ...options,
        }),
      oracle: (given) => batchNormInference(typed(given), options),
      gradients: (given, dy) => batchNormInferenceGradients(typed(given), dy, options),
      differentiable: Object.keys(inputs).filter((name) => name !== 'mean' && name !== 'variance'),
      linear: activation === 'linear' && inputs.gamma ? ['gamma'] : [],
      kinks: activation === 'linear' ? [] : Object.keys(inputs),
      magnitude,
    };
  },
});

export const NORMALIZATION_PROPERTIES: readonly AnyProperty[] = [
  batchNormProperty,
  statisticsProperty,
  inferenceProperty,
];
