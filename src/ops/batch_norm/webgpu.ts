/** batchNorm and batchNormInference on WebGPU: sums over the rows (webgpu_sums.ts), then one shader for all elements. */
import type * as tf from '@tensorflow/tfjs';
import {
  allocate,
  dispose,
  hostOf,
  zeros,
  type Shader,
  type Uniforms,
  type WebGPUHost,
} from '../../backends/webgpu/adapter.js';
import { elementwise, runElements } from '../../backends/webgpu/elements.js';
import { byLanes, lanesOf, TYPES, vectorsOf, type Lanes } from '../../backends/webgpu/lanes.js';
import { FUSED_ACTIVATIONS, type FusedActivation } from '../../kernel/fused_activation.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { sizeOf } from '../../kernel/sizes.js';
import { BATCH_NORM, BATCH_NORM_INFERENCE, type BatchNormAttributes } from './kernels.js';
import { moments, pairSums, sumPairs, type Pair } from './webgpu_sums.js';

/** Rows that a thread takes its channels through. */
const ROWS = 8;

type Shaders = Readonly<Record<FusedActivation, Readonly<Record<Lanes, Shader>>>>;

/** Makes shaders for each activation and number of lanes. */
function byActivation(make: (activation: FusedActivation) => Readonly<Record<Lanes, Shader>>): Shaders {
  return Object.fromEntries(FUSED_ACTIVATIONS.map((activation) => [activation, make(activation)])) as Shaders;
}

/** Bounds of an activation, as conditions: comparisons with NaN are false, so NaN passes through. */
const clamped = (activation: FusedActivation, lanes: Lanes): string => {
  const below = `select(value, ${TYPES[lanes]}(0.0), value < ${TYPES[lanes]}(0.0))`;
  if (activation === 'linear') return 'value';
  return activation === 'relu' ? below : `select(${below}, ${TYPES[lanes]}(6.0), value > ${TYPES[lanes]}(6.0))`;
};

/** `through(i)`, the gradient behind the activation. Reads `dy` and, if there is an activation, `y`. */
const through = (activation: FusedActivation, lanes: Lanes): string => {
  const type = TYPES[lanes];
  const stopped = `(y[i] <= ${type}(0.0))${activation === 'relu6' ? ` | (y[i] >= ${type}(6.0))` : ''}`;
  return `
    fn through(i : i32) -> ${type} {
      return ${activation === 'linear' ? 'dy[i]' : `select(dy[i], ${type}(0.0), ${stopped})`};
    }`;
};

/** Inputs of {@link through}. */
const upstream = (activation: FusedActivation): string[] => ['dy', ...(activation === 'linear' ? [] : ['y'])];

/**
 * Makes a shader for {@link runRows} from the code of `fn open(c : i32)`, called once for a channel, and `fn value(i :
 * i32) -> TYPE`, the result at index i of that channel.
 */
function rowwise(lanes: Lanes, shader: Shader): Shader {
  return elementwise({
    ...shader,
    key: `${shader.key}/${lanes}`,
    vectors: vectorsOf(lanes, [...shader.inputs, 'result']),
    integers: [...shader.integers, 'channels', 'rows'],
    code: `${shader.code}
      fn element(i : i32) {
        let block = i / uniforms.channels;
        let c = i - block * uniforms.channels;
        open(c);
        for (var row = block * ${ROWS}; row < min((block + 1) * ${ROWS}, uniforms.rows); row++) {
          let at = row * uniforms.channels + c;
          result[at] = value(at);
        }
      }`,
  });
}

const NORMALIZE = byActivation((activation) =>
  byLanes((lanes) =>
    rowwise(lanes, {
      key: `batch_norm/normalize/${activation}`,
      inputs: ['x', 'mean', 'variance', 'gamma', 'beta'],
      integers: [],
      floats: ['epsilon'],
      code: `
        var<private> centre : ${TYPES[lanes]};
        var<private> scale : ${TYPES[lanes]};
        var<private> shift : ${TYPES[lanes]};
        fn open(c : i32) {
          centre = mean[c];
          scale = gamma[c] / sqrt(variance[c] + uniforms.epsilon);
          shift = beta[c];
        }
        fn value(i : i32) -> ${TYPES[lanes]} {
          let value = (x[i] - centre) * scale + shift;
          return ${clamped(activation, lanes)};
        }`,
    }),
  ),
);

/** Σ g and Σ g·x̂. */
const SUMS = byActivation((activation) =>
  pairSums((lanes) => ({
    key: `batch_norm/sums/${activation}`,
    inputs: ['x', 'mean', 'variance', ...upstream(activation)],
    integers: [],
    floats: ['epsilon'],
    code: `${through(activation, lanes)}
      fn sums(c : i32, first : i32, end : i32) {
        let centre = mean[c];
        let inverse = 1.0 / sqrt(variance[c] + uniforms.epsilon);
        one = ${TYPES[lanes]}(0.0);
        other = ${TYPES[lanes]}(0.0);
        for (var row = first; row < end; row++) {
          let i = row * uniforms.channels + c;
          let gradient = through(i);
          one += gradient;
          other += gradient * ((x[i] - centre) * inverse);
        }
      }`,
  })),
);

/** Values of each channel that dx needs, [4, channels]: centre, scale, level and slope. */
const COEFFICIENTS = elementwise({
  key: 'batch_norm/coefficients',
  inputs: ['mean', 'variance', 'gamma', 'dbeta', 'dgamma'],
  integers: [],
  floats: ['epsilon', 'share'],
  code: `
    fn element(c : i32) {
      let inverse = 1.0 / sqrt(variance[c] + uniforms.epsilon);
      let scale = gamma[c] * inverse;
      result[c] = mean[c];
      result[uniforms.count + c] = scale;
      result[2 * uniforms.count + c] = scale * dbeta[c] * uniforms.share;
      result[3 * uniforms.count + c] = scale * inverse * dgamma[c] * uniforms.share;
    }`,
});

const BACKWARD = byActivation((activation) =>
  byLanes((lanes) =>
    rowwise(lanes, {
      key: `batch_norm/backward/${activation}`,
      inputs: ['x', 'coefficients', ...upstream(activation)],
      integers: [],
      code: `${through(activation, lanes)}
        var<private> centre : ${TYPES[lanes]};
        var<private> scale : ${TYPES[lanes]};
        var<private> level : ${TYPES[lanes]};
        var<private> slope : ${TYPES[lanes]};
        fn open(c : i32) {
          centre = coefficients[c];
          scale = coefficients[uniforms.channels + c];
          level = coefficients[2 * uniforms.channels + c];
          slope = coefficients[3 * uniforms.channels + c];
        }
        fn value(i : i32) -> ${TYPES[lanes]} {
          return scale * through(i) - (level + (x[i] - centre) * slope);
        }`,
    }),
  ),
);

const INFERENCE_BACKWARD = byActivation((activation) =>
  byLanes((lanes) =>
    rowwise(lanes, {
      key: `batch_norm/inference_backward/${activation}`,
      inputs: ['variance', 'gamma', ...upstream(activation)],
      integers: [],
      floats: ['epsilon'],
      code: `${through(activation, lanes)}
        var<private> scale : ${TYPES[lanes]};
        fn open(c : i32) {
          scale = gamma[c] / sqrt(variance[c] + uniforms.epsilon);
        }
        fn value(i : i32) -> ${TYPES[lanes]} {
          return scale * through(i);
        }`,
    }),
  ),
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

/** Runs a shader of {@link rowwise}. */
function runRows(
  { host, shape, rows, channels, epsilon, activation }: Prepared,
  shaders: Shaders,
  inputs: readonly tf.TensorInfo[],
  uniforms: Uniforms = {},
): tf.TensorInfo {
  const lanes = lanesOf(channels);
  const output = allocate(host, shape);
  const all = { ...uniforms, epsilon, rows, channels: channels / lanes };
  runElements(host, shaders[activation][lanes], inputs, output, (Math.ceil(rows / ROWS) * channels) / lanes, all);
  return output;
}

function normalize(args: KernelArguments, mean: tf.TensorInfo, variance: tf.TensorInfo): tf.TensorInfo {
  const { x, gamma, beta } = args.inputs;
  return runRows(prepare(args), NORMALIZE, [x!, mean, variance, gamma!, beta!]);
}

export const forward: tf.KernelConfig = {
  kernelName: BATCH_NORM.forward,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const { host, shape, rows, channels } = prepare(args);
    if (sizeOf(shape) === 0) return [zeros(host, shape), zeros(host, [channels]), zeros(host, [channels])];
    const [mean, variance] = moments(host, args.inputs['x']!, rows, channels);
    return [normalize(args, mean, variance), mean, variance];
  },
};

export const inferenceForward: tf.KernelConfig = {
  kernelName: BATCH_NORM_INFERENCE.forward,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => normalize(args, args.inputs['mean']!, args.inputs['variance']!),
};

/** Backward kernel of either operator: the sums, which are dbeta and dgamma, and dx from the given function. */
function backwardWith(
  kernelName: string,
  inputGradient: (args: KernelArguments, prepared: Prepared, sums: Pair) => tf.TensorInfo,
): tf.KernelConfig {
  return {
    kernelName,
    backendName: 'webgpu',
    kernelFunc: (args: KernelArguments) => {
      const prepared = prepare(args);
      const { host, shape, rows, channels, epsilon, activation } = prepared;
      if (sizeOf(shape) === 0) return [zeros(host, shape), zeros(host, [channels]), zeros(host, [channels])];
      const inputs = ['x', 'mean', 'variance', ...upstream(activation)].map((name) => args.inputs[name]!);
      const sums = sumPairs(host, SUMS[activation], inputs, rows, channels, { epsilon });
      const [dbeta, dgamma] = sums;
      return [inputGradient(args, prepared, sums), dgamma, dbeta];
    },
  };
}

export const backward = backwardWith(BATCH_NORM.backward, ({ inputs }, prepared, sums) => {
  const { host, activation, channels, epsilon, rows } = prepared;
  const coefficients = allocate(host, [4, channels]);
  const read = ['mean', 'variance', 'gamma'].map((name) => inputs[name]!);
  runElements(host, COEFFICIENTS, [...read, ...sums], coefficients, channels, { epsilon, share: 1 / rows });
  const behind = upstream(activation).map((name) => inputs[name]!);
  const dx = runRows(prepared, BACKWARD, [inputs['x']!, coefficients, ...behind]);
  dispose(host, coefficients);
  return dx;
});

export const inferenceBackward = backwardWith(BATCH_NORM_INFERENCE.backward, ({ inputs }, prepared) => {
  const names = ['variance', 'gamma', ...upstream(prepared.activation)];
  return runRows(
    prepared,
    INFERENCE_BACKWARD,
    names.map((name) => inputs[name]!),
  );
});
