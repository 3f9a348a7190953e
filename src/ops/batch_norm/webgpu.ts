/** batchNorm and batchNormInference on WebGPU: tree reductions over the rows, then one elementwise shader. */
import type * as tf from '@tensorflow/tfjs';
import { dispose, hostOf, zeros, type Shader, type WebGPUHost } from '../../backends/webgpu/adapter.js';
import { elementwise, mapElements, part } from '../../backends/webgpu/elements.js';
import { reduction, sumTerms } from '../../backends/webgpu/reduction.js';
import { FUSED_ACTIVATIONS, type FusedActivation } from '../../kernel/fused_activation.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { sizeOf } from '../../kernel/sizes.js';
import { BATCH_NORM, BATCH_NORM_INFERENCE, type BatchNormAttributes } from './kernels.js';

/**
 * Relative to the first row: if the mean is large compared with the spread, summing the values themselves would lose
 * the spread.
 */
const DISTANCE = reduction({
  key: 'batch_norm/distance',
  inputs: ['x'],
  integers: [],
  code: 'fn term(row : i32, column : i32) -> f32 { return x[row * uniforms.columns + column] - x[column]; }',
});

const MEAN = elementwise({
  key: 'batch_norm/mean',
  inputs: ['x', 'distance'],
  integers: [],
  code: 'fn element(c : i32) { result[c] = x[c] + distance[c]; }',
});

const VARIANCE = reduction({
  key: 'batch_norm/variance',
  inputs: ['x', 'mean'],
  integers: [],
  code: `
    fn term(row : i32, column : i32) -> f32 {
      let centred = x[row * uniforms.columns + column] - mean[column];
      return centred * centred;
    }`,
});

/** Bounds of an activation, as conditions: comparisons with NaN are false, so NaN passes through. */
const CLAMPS: Readonly<Record<FusedActivation, string>> = {
  linear: 'y',
  relu: 'select(y, 0.0, y < 0.0)',
  relu6: 'select(select(y, 0.0, y < 0.0), 6.0, y > 6.0)',
};

/** Conditions under which an activation blocks the gradient. */
const STOPS: Readonly<Record<FusedActivation, string>> = {
  linear: 'false',
  relu: 'y[i] <= 0.0',
  relu6: 'y[i] <= 0.0 || y[i] >= 6.0',
};

/** Makes one shader for each activation. */
function byActivation(make: (activation: FusedActivation) => Shader): Readonly<Record<FusedActivation, Shader>> {
  const shaders = FUSED_ACTIVATIONS.map((activation) => [activation, make(activation)] as const);
  return Object.fromEntries(shaders) as Record<FusedActivation, Shader>;
}

const NORMALIZE = byActivation((activation) =>
  elementwise({
    key: `batch_norm/normalize/${activation}`,
    inputs: ['x', 'mean', 'variance', 'gamma', 'beta'],
    integers: ['channels'],
    floats: ['epsilon'],
    code: `
      fn element(i : i32) {
        let c = i % uniforms.channels;
        let y = (x[i] - mean[c]) * (gamma[c] / sqrt(variance[c] + uniforms.epsilon)) + beta[c];
        result[i] = ${CLAMPS[activation]};
      }`,
  }),
);

/** Inputs of the gradient shaders. A linear activation needs no y. */
const gradientInputs = (activation: FusedActivation): string[] => [
  'x',
  'mean',
  'variance',
  'dy',
  ...(activation === 'linear' ? [] : ['y']),
];

/** `through(i, c)`, the gradient behind the activation, and `inverse(c)`, 1 / √(variance + epsilon). */
const gradientCode = (activation: FusedActivation): string => `
  fn inverse(c : i32) -> f32 {
    return 1.0 / sqrt(variance[c] + uniforms.epsilon);
  }
  fn normalized(i : i32, c : i32) -> f32 {
    return (x[i] - mean[c]) * inverse(c);
  }
  fn through(i : i32) -> f32 {
    return select(dy[i], 0.0, ${STOPS[activation]});
  }`;

/** Σ g in the first `channels` columns, Σ g·x̂ in the rest. */
const SUMS = byActivation((activation) =>
  reduction({
    key: `batch_norm/sums/${activation}`,
    inputs: gradientInputs(activation),
    integers: ['channels'],
    floats: ['epsilon'],
    code: `${gradientCode(activation)}
      fn term(row : i32, column : i32) -> f32 {
        let c = column % uniforms.channels;
        let i = row * uniforms.channels + c;
        return select(through(i) * normalized(i, c), through(i), column < uniforms.channels);
      }`,
  }),
);

const BACKWARD = byActivation((activation) =>
  elementwise({
    key: `batch_norm/backward/${activation}`,
    inputs: [...gradientInputs(activation), 'gamma', 'sums'],
    integers: ['channels'],
    floats: ['epsilon', 'share'],
    code: `${gradientCode(activation)}
      fn element(i : i32) {
        let c = i % uniforms.channels;
        let removed = (sums[c] + normalized(i, c) * sums[uniforms.channels + c]) * uniforms.share;
        result[i] = gamma[c] * inverse(c) * (through(i) - removed);
      }`,
  }),
);

const INFERENCE_BACKWARD = byActivation((activation) =>
  elementwise({
    key: `batch_norm/inference_backward/${activation}`,
    inputs: ['variance', 'dy', ...(activation === 'linear' ? [] : ['y']), 'gamma'],
    integers: ['channels'],
    floats: ['epsilon'],
    code: `
      fn element(i : i32) {
        let c = i % uniforms.channels;
        let g = select(dy[i], 0.0, ${STOPS[activation]});
        result[i] = g * gamma[c] / sqrt(variance[c] + uniforms.epsilon);
      }`,
  }),
);

interface Prepared extends BatchNormAttributes {
  readonly host: WebGPUHost;
  readonly shape: number[];
  readonly rows: number;
  readonly channels: number;
}

function prepare(args: KernelArguments): Prepared {
  const { shape } = args.inputs['x']!;
  const channels = shape[shape.length - 1]!;
  return {
    ...(args.attrs as BatchNormAttributes),
    host: hostOf(args),
    shape,
    rows: sizeOf(shape.slice(0, -1)),
    channels,
  };
}

function normalize(args: KernelArguments, mean: tf.TensorInfo, variance: tf.TensorInfo): tf.TensorInfo {
  const { host, shape, channels, epsilon, activation } = prepare(args);
  const { x, gamma, beta } = args.inputs;
  return mapElements(host, NORMALIZE[activation], [x!, mean, variance, gamma!, beta!], shape, { channels, epsilon });
}

export const forward: tf.KernelConfig = {
  kernelName: BATCH_NORM.forward,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const { host, shape, rows, channels } = prepare(args);
    const { x } = args.inputs;
    if (sizeOf(shape) === 0) return [zeros(host, shape), zeros(host, [channels]), zeros(host, [channels])];
    const distance = sumTerms(host, DISTANCE, [x!], rows, channels, {}, 1 / rows);
    const mean = mapElements(host, MEAN, [x!, distance], [channels]);
    dispose(host, distance);
    const variance = sumTerms(host, VARIANCE, [x!, mean], rows, channels, {}, 1 / rows);
    return [normalize(args, mean, variance), mean, variance];
  },
};

export const inferenceForward: tf.KernelConfig = {
  kernelName: BATCH_NORM_INFERENCE.forward,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => normalize(args, args.inputs['mean']!, args.inputs['variance']!),
};

/** Backward kernel of either operator: the sums, dx from the given function, dgamma and dbeta. */
function backwardWith(
  kernelName: string,
  inputGradient: (args: KernelArguments, prepared: Prepared, sums: tf.TensorInfo) => tf.TensorInfo,
): tf.KernelConfig {
  return {
    kernelName,
    backendName: 'webgpu',
    kernelFunc: (args: KernelArguments) => {
      const prepared = prepare(args);
      const { host, shape, rows, channels, epsilon, activation } = prepared;
      if (sizeOf(shape) === 0) return [zeros(host, shape), zeros(host, [channels]), zeros(host, [channels])];
      const inputs = gradientInputs(activation).map((name) => args.inputs[name]!);
      const sums = sumTerms(host, SUMS[activation], inputs, rows, 2 * channels, { channels, epsilon });
      const gradients = [
        inputGradient(args, prepared, sums),
        part(host, sums, channels, [channels]),
        part(host, sums, 0, [channels]),
      ];
      dispose(host, sums);
      return gradients;
    },
  };
}

export const backward = backwardWith(
  BATCH_NORM.backward,
  ({ inputs }, { host, shape, rows, channels, epsilon, activation }, sums) => {
    const read = [...gradientInputs(activation), 'gamma'].map((name) => inputs[name]!);
    const uniforms = { channels, epsilon, share: 1 / rows };
    return mapElements(host, BACKWARD[activation], [...read, sums], shape, uniforms);
  },
);

export const inferenceBackward = backwardWith(
  BATCH_NORM_INFERENCE.backward,
  ({ inputs }, { host, shape, channels, epsilon, activation }) => {
    const names = ['variance', 'dy', ...(activation === 'linear' ? [] : ['y']), 'gamma'];
    const read = names.map((name) => inputs[name]!);
    return mapElements(host, INFERENCE_BACKWARD[activation], read, shape, { channels, epsilon });
  },
);
