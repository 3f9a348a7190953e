/**
 * batchNorm and batchNormInference on WebGL. What belongs to a channel goes through texels of four numbers, so that an
 * element fetches all of it at once.
 */
import type * as tf from '@tensorflow/tfjs';
import { runWebGL, runWebGLSingle, type WebGLCall } from '../../backends/webgl/adapter.js';
import { takeLanes } from '../../backends/webgl/lanes.js';
import type { Surface } from '../../backends/webgl/program.js';
import { shader } from '../../backends/webgl/shader.js';
import { chunksOf } from '../../backends/webgl/sums.js';
import { FUSED_ACTIVATIONS } from '../../kernel/fused_activation.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { sizeOf } from '../../kernel/sizes.js';
import { BATCH_NORM, BATCH_NORM_INFERENCE, type BatchNormAttributes } from './kernels.js';

interface Prepared {
  readonly shape: number[];
  readonly channels: number;
  readonly rows: number;
  readonly epsilon: number;
  /** 0 linear, 1 relu, 2 relu6. */
  readonly activation: number;
}

function prepare({ inputs, attrs }: KernelArguments): Prepared {
  const { epsilon, activation } = attrs as BatchNormAttributes;
  const { shape } = inputs['x']!;
  const channels = shape.at(-1)!;
  return {
    shape,
    channels,
    rows: sizeOf(shape.slice(0, -1)),
    epsilon,
    activation: FUSED_ACTIVATIONS.indexOf(activation),
  };
}

/**
 * Mean, and sum of squared distances from it, over chunks of rows, [chunks, channels]. Distances are taken from the
 * first row of a chunk: summing the values themselves would lose the spread if the mean is large compared with it.
 */
const momentShader = shader(
  'texels',
  { x: 'flat' },
  ['channels', 'rows', 'extent'],
  `
vec4 value(int index) {
  int channel = index % channels;
  int start = index / channels * extent;
  int end = min(start + extent, rows);
  float base = x(start * channels + channel);
  float sum = 0.0;
  float squares = 0.0;
  for (int row = start + 1; row < end; row++) {
    float distance = x(row * channels + channel) - base;
    sum += distance;
    squares += distance * distance;
  }
  float mean = sum / float(end - start);
  float spread = squares - sum * mean;
  return vec4(base + mean, spread < 0.0 ? 0.0 : spread, 0.0, 0.0);
}`,
);

/** Mean, biased variance, factor and shift of each channel. */
const combineShader = shader(
  'texels',
  { partial: 'blocks', gamma: 'flat', beta: 'flat' },
  ['channels', 'rows', 'extent', 'count'],
  `
vec4 value(int channel) {
  float base = count > 0 ? partialTexel(channel).x : 0.0;
  float mean = 0.0;
  for (int chunk = 1; chunk < count; chunk++) {
    float share = float(min(extent, rows - chunk * extent)) / float(rows);
    mean += share * (partialTexel(chunk * channels + channel).x - base);
  }
  mean += base;
  float sum = 0.0;
  for (int chunk = 0; chunk < count; chunk++) {
    vec4 moments = partialTexel(chunk * channels + channel);
    float distance = moments.x - mean;
    sum += moments.y + float(min(extent, rows - chunk * extent)) * distance * distance;
  }
  float variance = sum / float(max(rows, 1));
  return vec4(mean, variance, gamma(channel) / sqrt(variance + epsilon), beta(channel));
}`,
  ['epsilon'],
);

/** The same from given statistics. */
const givenShader = shader(
  'texels',
  { mean: 'flat', variance: 'flat', gamma: 'flat', beta: 'flat' },
  [],
  `
vec4 value(int channel) {
  float spread = variance(channel);
  return vec4(mean(channel), spread, gamma(channel) / sqrt(spread + epsilon), beta(channel));
}`,
  ['epsilon'],
);

const normalizeShader = shader(
  'flat',
  { x: 'flat', statistics: 'blocks' },
  ['channels', 'activation'],
  `
float value(int index) {
  vec4 channel = statisticsTexel(index % channels);
  float y = (x(index) - channel.x) * channel.z + channel.w;
  if (activation > 0 && y < 0.0) return 0.0;
  return activation == 2 && y > 6.0 ? 6.0 : y;
}`,
);

/** Normalises x by the statistics of each channel. */
function normalize(call: WebGLCall, x: Surface, prepared: Prepared, statistics: Surface, y: Surface): void {
  const { channels, activation } = prepared;
  call.draw(normalizeShader, { inputs: { x, statistics }, ints: { channels, activation }, target: y });
}

/** Upstream gradient behind the activation. */
const THROUGH = `
float through(int index) {
  float passed = y(index);
  return activation > 0 && passed <= 0.0 || activation == 2 && passed >= 6.0 ? 0.0 : dy(index);
}`;

/** Σ dy and Σ dy · x̂ over chunks of rows, [chunks, channels]. */
const reduceShader = shader(
  'texels',
  { x: 'flat', y: 'flat', dy: 'flat', mean: 'flat', variance: 'flat' },
  ['channels', 'activation', 'rows', 'extent'],
  `${THROUGH}
vec4 value(int index) {
  int channel = index % channels;
  int start = index / channels * extent;
  int end = min(start + extent, rows);
  float centre = mean(channel);
  float inverse = 1.0 / sqrt(variance(channel) + epsilon);
  vec2 sums = vec2(0.0);
  for (int row = start; row < end; row++) {
    int at = row * channels + channel;
    float gradient = through(at);
    sums += vec2(gradient, gradient * ((x(at) - centre) * inverse));
  }
  return vec4(sums, 0.0, 0.0);
}`,
  ['epsilon'],
);

const addShader = shader(
  'texels',
  { partial: 'blocks' },
  ['channels', 'count'],
  `
vec4 value(int channel) {
  vec4 sum = vec4(0.0);
  for (int chunk = 0; chunk < count; chunk++) sum += partialTexel(chunk * channels + channel);
  return sum;
}`,
);

/** Values of each channel that dx needs: centre, factor, level and slope, the last two 0 with given statistics (`scale` 0). */
const coefficientShader = shader(
  'texels',
  { mean: 'flat', variance: 'flat', gamma: 'flat', sums: 'blocks' },
  [],
  `
vec4 value(int channel) {
  float inverse = 1.0 / sqrt(variance(channel) + epsilon);
  float factor = gamma(channel) * inverse;
  vec2 sums = scale == 0.0 ? vec2(0.0) : scale * factor * sumsTexel(channel).xy;
  return vec4(mean(channel), factor, sums.x, sums.y * inverse);
}`,
  ['epsilon', 'scale'],
);

const inputShader = shader(
  'flat',
  { x: 'flat', y: 'flat', dy: 'flat', coefficients: 'blocks' },
  ['channels', 'activation', 'training'],
  `${THROUGH}
float value(int index) {
  vec4 channel = coefficientsTexel(index % channels);
  float gradient = channel.y * through(index);
  return training == 1 ? gradient - (channel.z + (x(index) - channel.x) * channel.w) : gradient;
}`,
);

/** Backward kernel of either operator: they differ only in whether the statistics are those of the batch. */
function backwardOf(kernelName: string, training: boolean): tf.KernelConfig {
  return {
    kernelName,
    backendName: 'webgl',
    kernelFunc: (args: KernelArguments) => {
      const { shape, channels, rows, activation, epsilon } = prepare(args);
      return runWebGL(args, (call) => {
        const [x, y, dy] = [call.input('x'), call.input('y'), call.input('dy')];
        const statistics = { mean: call.input('mean'), variance: call.input('variance') };
        const [dx, dgamma, dbeta] = [call.output(shape), call.output([channels]), call.output([channels])];
        const { extent, count } = chunksOf(rows);
        const partial = call.texels(count * channels);
        call.draw(reduceShader, {
          inputs: { x, y, dy, ...statistics },
          ints: { channels, activation, rows, extent },
          floats: { epsilon },
          target: partial,
        });
        const sums = call.texels(channels);
        call.draw(addShader, { inputs: { partial }, ints: { channels, count }, target: sums });
        takeLanes(call, sums, { lane: 0, count: 1 }, dbeta, [0, channels]);
        takeLanes(call, sums, { lane: 1, count: 1 }, dgamma, [0, channels]);
        const coefficients = call.texels(channels);
        call.draw(coefficientShader, {
          inputs: { ...statistics, gamma: call.input('gamma'), sums },
          ints: {},
          floats: { epsilon, scale: training ? 1 / Math.max(rows, 1) : 0 },
          target: coefficients,
        });
        call.draw(inputShader, {
          inputs: { x, y, dy, coefficients },
          ints: { channels, activation, training: Number(training) },
          target: dx,
        });
      });
    },
  };
}

export const forward: tf.KernelConfig = {
  kernelName: BATCH_NORM.forward,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const prepared = prepare(args);
    const { shape, channels, rows, epsilon } = prepared;
    return runWebGL(args, (call) => {
      const x = call.input('x');
      const [y, mean, variance] = [call.output(shape), call.output([channels]), call.output([channels])];
      const { extent, count } = chunksOf(rows);
      const partial = call.texels(count * channels);
      call.draw(momentShader, { inputs: { x }, ints: { channels, rows, extent }, target: partial });
      const statistics = call.texels(channels);
      call.draw(combineShader, {
        inputs: { partial, gamma: call.input('gamma'), beta: call.input('beta') },
        ints: { channels, rows, extent, count },
        floats: { epsilon },
        target: statistics,
      });
      takeLanes(call, statistics, { lane: 0, count: 1 }, mean, [0, channels]);
      takeLanes(call, statistics, { lane: 1, count: 1 }, variance, [0, channels]);
      normalize(call, x, prepared, statistics, y);
    });
  },
};

export const backward = backwardOf(BATCH_NORM.backward, true);

export const inferenceForward: tf.KernelConfig = {
  kernelName: BATCH_NORM_INFERENCE.forward,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const prepared = prepare(args);
    const { epsilon, shape, channels } = prepared;
    return runWebGLSingle(args, (call) => {
      const y = call.output(shape);
      const statistics = call.texels(channels);
      const [mean, variance] = [call.input('mean'), call.input('variance')];
      const [gamma, beta] = [call.input('gamma'), call.input('beta')];
      const inputs = { mean, variance, gamma, beta };
      call.draw(givenShader, { inputs, ints: {}, floats: { epsilon }, target: statistics });
      normalize(call, call.input('x'), prepared, statistics, y);
    });
  },
};

export const inferenceBackward = backwardOf(BATCH_NORM_INFERENCE.backward, false);
