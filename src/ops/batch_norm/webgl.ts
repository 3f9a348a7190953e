/** batchNorm and batchNormInference on WebGL, four channels at a time. */
import type * as tf from '@tensorflow/tfjs';
import { runWebGL, runWebGLSingle, type WebGLCall } from '../../backends/webgl/adapter.js';
import { inputQuads, outputQuads, quadLayout, type QuadLayout } from '../../backends/webgl/channel_quads.js';
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
  /** Quads of x, of y and of their gradients. */
  readonly all: QuadLayout;
  /** Quads of what belongs to a channel. */
  readonly each: QuadLayout;
}

function prepare({ inputs, attrs }: KernelArguments): Prepared {
  const { epsilon, activation } = attrs as BatchNormAttributes;
  const { shape } = inputs['x']!;
  const channels = shape.at(-1)!;
  const rows = sizeOf(shape.slice(0, -1));
  return {
    shape,
    channels,
    rows,
    epsilon,
    activation: FUSED_ACTIVATIONS.indexOf(activation),
    all: quadLayout(rows, channels),
    each: quadLayout(1, channels),
  };
}

/** The four elements of a quad of a flat input; behind the last channel, the last one again. */
const quadOf = (name: string): string => `
vec4 ${name}Quad(int quad) {
  int last = channels - 1;
  int at = quad * 4;
  return vec4(${name}(at), ${name}(min(at + 1, last)), ${name}(min(at + 2, last)), ${name}(min(at + 3, last)));
}`;

/**
 * Mean, and sum of squared distances from it, over chunks of rows, [chunks, quads]. Distances are taken from the first
 * row of a chunk: summing the values themselves would lose the spread if the mean is large compared with it.
 */
const momentShader = shader(
  'twos',
  { x: 'quads' },
  ['quads', 'rows', 'extent'],
  `
void values(int index, out vec4 mean, out vec4 spread) {
  int chunk = quotient(index, quads);
  int start = chunk * extent;
  int end = min(start + extent, rows);
  int at = start * quads + index - chunk * quads;
  vec4 base = x(at);
  vec4 sum = vec4(0.0);
  vec4 squares = vec4(0.0);
  for (int row = start + 1; row < end; row++) {
    at += quads;
    vec4 distance = x(at) - base;
    sum += distance;
    squares += distance * distance;
  }
  vec4 share = sum / float(end - start);
  mean = base + share;
  spread = squares - sum * share;
  spread = mix(spread, vec4(0.0), lessThan(spread, vec4(0.0)));
}`,
);

/** Mean, biased variance, factor and shift of each channel. */
const combineShader = shader(
  'fours',
  { means: 'quads', spreads: 'quads', gamma: 'flat', beta: 'flat' },
  ['channels', 'quads', 'rows', 'extent', 'count'],
  `${quadOf('gamma')}${quadOf('beta')}
void values(int quad, out vec4 mean, out vec4 variance, out vec4 factor, out vec4 shift) {
  vec4 base = count > 0 ? means(quad) : vec4(0.0);
  mean = vec4(0.0);
  for (int chunk = 1; chunk < count; chunk++) {
    float share = float(min(extent, rows - chunk * extent)) / float(rows);
    mean += share * (means(chunk * quads + quad) - base);
  }
  mean += base;
  vec4 sum = vec4(0.0);
  for (int chunk = 0; chunk < count; chunk++) {
    int at = chunk * quads + quad;
    vec4 distance = means(at) - mean;
    sum += spreads(at) + float(min(extent, rows - chunk * extent)) * distance * distance;
  }
  variance = sum / float(max(rows, 1));
  factor = gammaQuad(quad) / sqrt(variance + epsilon);
  shift = betaQuad(quad);
}`,
  ['epsilon'],
);

/** The same from given statistics. */
const givenShader = shader(
  'fours',
  { mean: 'flat', variance: 'flat', gamma: 'flat', beta: 'flat' },
  ['channels'],
  `${['mean', 'variance', 'gamma', 'beta'].map(quadOf).join('')}
void values(int quad, out vec4 centre, out vec4 spread, out vec4 factor, out vec4 shift) {
  centre = meanQuad(quad);
  spread = varianceQuad(quad);
  factor = gammaQuad(quad) / sqrt(spread + epsilon);
  shift = betaQuad(quad);
}`,
  ['epsilon'],
);

// A NaN is neither below nor above.
const normalizeShader = shader(
  'texels',
  { x: 'quads', mean: 'quads', factor: 'quads', shift: 'quads' },
  ['quads', 'activation'],
  `
vec4 value(int index) {
  int quad = index - quotient(index, quads) * quads;
  vec4 y = (x(index) - mean(quad)) * factor(quad) + shift(quad);
  if (activation > 0) y = mix(y, vec4(0.0), lessThan(y, vec4(0.0)));
  if (activation == 2) y = mix(y, vec4(6.0), greaterThan(y, vec4(6.0)));
  return y;
}`,
);

/** Statistics of each channel, and what they make of gamma and beta. */
type Statistics = Readonly<Record<'mean' | 'factor' | 'shift', Surface>>;

/** Normalises x by the statistics of each channel. */
function normalize(
  call: WebGLCall,
  x: Surface,
  { all, activation }: Prepared,
  statistics: Statistics,
  y: Surface,
): void {
  const { mean, factor, shift } = statistics;
  const ints = { quads: all.quads, activation };
  call.draw(normalizeShader, { inputs: { x, mean, factor, shift }, ints, target: y });
}

/** Upstream gradient behind the activation. */
const THROUGH = `
vec4 through(int index) {
  vec4 gradient = dy(index);
  if (activation == 0) return gradient;
  vec4 passed = y(index);
  gradient = mix(gradient, vec4(0.0), lessThanEqual(passed, vec4(0.0)));
  return activation == 2 ? mix(gradient, vec4(0.0), greaterThanEqual(passed, vec4(6.0))) : gradient;
}`;

/** Σ dy and Σ dy · x̂ over chunks of rows, [chunks, quads]. */
const reduceShader = shader(
  'twos',
  { x: 'quads', y: 'quads', dy: 'quads', mean: 'quads', variance: 'quads' },
  ['quads', 'activation', 'rows', 'extent'],
  `${THROUGH}
void values(int index, out vec4 sum, out vec4 weighted) {
  int chunk = quotient(index, quads);
  int quad = index - chunk * quads;
  int start = chunk * extent;
  int end = min(start + extent, rows);
  vec4 centre = mean(quad);
  vec4 inverse = 1.0 / sqrt(variance(quad) + epsilon);
  sum = vec4(0.0);
  weighted = vec4(0.0);
  int at = start * quads + quad;
  for (int row = start; row < end; row++) {
    vec4 gradient = through(at);
    sum += gradient;
    weighted += gradient * ((x(at) - centre) * inverse);
    at += quads;
  }
}`,
  ['epsilon'],
);

const addShader = shader(
  'twos',
  { sums: 'quads', weightedSums: 'quads' },
  ['quads', 'count'],
  `
void values(int quad, out vec4 sum, out vec4 weighted) {
  sum = vec4(0.0);
  weighted = vec4(0.0);
  int at = quad;
  for (int chunk = 0; chunk < count; chunk++) {
    sum += sums(at);
    weighted += weightedSums(at);
    at += quads;
  }
}`,
);

/** Values of each channel that dx needs: factor, level and slope, the last two 0 with given statistics (`scale` 0). */
const coefficientShader = shader(
  'fours',
  { variance: 'quads', gamma: 'flat', sum: 'quads', weighted: 'quads' },
  ['channels'],
  `${quadOf('gamma')}
void values(int quad, out vec4 factor, out vec4 level, out vec4 slope, out vec4 unused) {
  vec4 inverse = 1.0 / sqrt(variance(quad) + epsilon);
  factor = gammaQuad(quad) * inverse;
  level = scale == 0.0 ? vec4(0.0) : scale * factor * sum(quad);
  slope = scale == 0.0 ? vec4(0.0) : scale * factor * weighted(quad) * inverse;
  unused = vec4(0.0);
}`,
  ['epsilon', 'scale'],
);

const inputShader = shader(
  'texels',
  { x: 'quads', y: 'quads', dy: 'quads', mean: 'quads', factor: 'quads', level: 'quads', slope: 'quads' },
  ['quads', 'activation', 'training'],
  `${THROUGH}
vec4 value(int index) {
  int quad = index - quotient(index, quads) * quads;
  vec4 gradient = factor(quad) * through(index);
  return training == 1 ? gradient - (level(quad) + (x(index) - mean(quad)) * slope(quad)) : gradient;
}`,
);

/** Backward kernel of either operator: they differ only in whether the statistics are those of the batch. */
function backwardOf(kernelName: string, training: boolean): tf.KernelConfig {
  return {
    kernelName,
    backendName: 'webgl',
    kernelFunc: (args: KernelArguments) => {
      const { shape, channels, rows, activation, epsilon, all, each } = prepare(args);
      const { quads } = all;
      return runWebGL(args, (call) => {
        const [x, y, dy] = [inputQuads(call, 'x', all), inputQuads(call, 'y', all), inputQuads(call, 'dy', all)];
        const [mean, variance] = [inputQuads(call, 'mean', each), inputQuads(call, 'variance', each)];
        const dx = outputQuads(call, shape, all);
        const [dgamma, dbeta] = [outputQuads(call, [channels], each), outputQuads(call, [channels], each)];
        const { extent, count } = chunksOf(rows);
        const [sums, weightedSums] = [call.quads(count * quads), call.quads(count * quads)];
        call.draw(reduceShader, {
          inputs: { x, y, dy, mean, variance },
          ints: { quads, activation, rows, extent },
          floats: { epsilon },
          target: sums,
          others: [weightedSums],
        });
        const [sum, weighted] = [dbeta.quads, dgamma.quads];
        call.draw(addShader, {
          inputs: { sums, weightedSums },
          ints: { quads, count },
          target: sum,
          others: [weighted],
        });
        const [factor, level, slope, unused] = [
          call.quads(quads),
          call.quads(quads),
          call.quads(quads),
          call.quads(quads),
        ];
        call.draw(coefficientShader, {
          inputs: { variance, gamma: call.input('gamma'), sum, weighted },
          ints: { channels },
          floats: { epsilon, scale: training ? 1 / Math.max(rows, 1) : 0 },
          target: factor,
          others: [level, slope, unused],
        });
        call.draw(inputShader, {
          inputs: { x, y, dy, mean, factor, level, slope },
          ints: { quads, activation, training: Number(training) },
          target: dx.quads,
        });
        for (const { finish } of [dx, dgamma, dbeta]) finish();
      });
    },
  };
}

export const forward: tf.KernelConfig = {
  kernelName: BATCH_NORM.forward,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const prepared = prepare(args);
    const { shape, channels, rows, epsilon, all, each } = prepared;
    const { quads } = all;
    return runWebGL(args, (call) => {
      const x = inputQuads(call, 'x', all);
      const y = outputQuads(call, shape, all);
      const [mean, variance] = [outputQuads(call, [channels], each), outputQuads(call, [channels], each)];
      const { extent, count } = chunksOf(rows);
      const [means, spreads] = [call.quads(count * quads), call.quads(count * quads)];
      call.draw(momentShader, { inputs: { x }, ints: { quads, rows, extent }, target: means, others: [spreads] });
      const [factor, shift] = [call.quads(quads), call.quads(quads)];
      call.draw(combineShader, {
        inputs: { means, spreads, gamma: call.input('gamma'), beta: call.input('beta') },
        ints: { channels, quads, rows, extent, count },
        floats: { epsilon },
        target: mean.quads,
        others: [variance.quads, factor, shift],
      });
      normalize(call, x, prepared, { mean: mean.quads, factor, shift }, y.quads);
      for (const { finish } of [y, mean, variance]) finish();
    });
  },
};

export const backward = backwardOf(BATCH_NORM.backward, true);

export const inferenceForward: tf.KernelConfig = {
  kernelName: BATCH_NORM_INFERENCE.forward,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const prepared = prepare(args);
    const { epsilon, shape, channels, all } = prepared;
    return runWebGLSingle(args, (call) => {
      const x = inputQuads(call, 'x', all);
      const y = outputQuads(call, shape, all);
      const { quads } = all;
      const [mean, unused, factor, shift] = [
        call.quads(quads),
        call.quads(quads),
        call.quads(quads),
        call.quads(quads),
      ];
      const [given, variance] = [call.input('mean'), call.input('variance')];
      call.draw(givenShader, {
        inputs: { mean: given, variance, gamma: call.input('gamma'), beta: call.input('beta') },
        ints: { channels },
        floats: { epsilon },
        target: mean,
        others: [unused, factor, shift],
      });
      normalize(call, x, prepared, { mean, factor, shift }, y.quads);
      y.finish();
    });
  },
};

export const inferenceBackward = backwardOf(BATCH_NORM_INFERENCE.backward, false);
