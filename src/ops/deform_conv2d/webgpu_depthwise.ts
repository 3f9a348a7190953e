/**
 * Depthwise deformConv2d on WebGPU, without columns: a thread works a sample's location out once for all the channels that
 * it reads there. Numbers of channels are those of lanes.
 */
import type * as tf from '@tensorflow/tfjs';
import { allocate, zeros, type Shader, type Uniforms, type WebGPUHost } from '../../backends/webgpu/adapter.js';
import { elementwise, runElements } from '../../backends/webgpu/elements.js';
import { positionsOf, tapsOf } from '../../backends/webgpu/geometry.js';
import { halvesOf, reading } from '../../backends/webgpu/halves.js';
import { byLanes, lanesOf, TYPES, vectorsOf, type Lanes } from '../../backends/webgpu/lanes.js';
import { POSITIONS } from '../../backends/webgpu/positions.js';
import { sumRows, termsPerThread } from '../../backends/webgpu/reduction.js';
import type { Precision } from '../../kernel/half.js';
import { sizeOf } from '../../kernel/sizes.js';
import type { DeformGeometry } from './kernels.js';
import { DEFORM_GEOMETRY, deformUniforms, sampleCorners, sampling, scatter, spread, total } from './webgpu_samples.js';

/** Inputs and code of all shaders: sampling(), and the corners of a sample. */
const inputsOf = (modulated: boolean): string[] => ['image', 'offset', ...(modulated ? ['mask'] : [])];
const codeOf = (modulated: boolean, lanes: Lanes): string => `${POSITIONS}
  ${sampling(modulated)}
  ${sampleCorners(lanes)}`;
const vectors = (lanes: Lanes): readonly string[] => vectorsOf(lanes, ['image', 'weights', 'bias', 'dy', 'result']);

/** Channels, or fours of them, that one thread of the forward pass computes. */
const SHARE = 4;

const forShare = (line: (j: number) => string): string => Array.from({ length: SHARE }, (_, j) => line(j)).join('\n');

/** The channels of a thread share their offsets; they lie `apart`, so that neighbouring threads read neighbours. */
const forward = (modulated: boolean, bias: boolean, weights: Precision = 'single') =>
  byLanes((lanes): Shader =>
    elementwise({
      key: `deform_conv2d/depthwise_forward/${modulated ? 'modulated' : 'plain'}/${bias ? 'bias' : 'plain'}/${weights}/${lanes}`,
      inputs: [...inputsOf(modulated), 'weights', ...(bias ? ['bias'] : [])],
      vectors: vectors(lanes),
      halves: halvesOf({ weights }),
      integers: [...DEFORM_GEOMETRY, 'apart'],
      code: `${codeOf(modulated, lanes)}
        ${reading('weights', lanes, weights)}
        fn element(i : i32) {
          let rest = i / uniforms.apart;
          let position = rest / uniforms.offsetGroups;
          let offsetGroup = rest - position * uniforms.offsetGroups;
          let outOfGroup = uniforms.offsetIn * uniforms.multiplier;
          let first = offsetGroup * outOfGroup + i - rest * uniforms.apart;
          let end = (offsetGroup + 1) * outOfGroup;
          openPosition(position);
          ${forShare((j) => `let c${j} = first + ${j} * uniforms.apart; var sum${j} = ${TYPES[lanes]}(0.0);`)}
          for (var y = 0; y < uniforms.kernelHeight; y++) {
            for (var x = 0; x < uniforms.kernelWidth; x++) {
              planTap(offsetGroup, y, x);
              if (!inside) {
                continue;
              }
              let tap = (y * uniforms.kernelWidth + x) * uniforms.outChannels;
              ${forShare(
                (j) => `if (c${j} < end) {
                  sum${j} += modulation * blended(around(c${j} / uniforms.multiplier)) * weightsAt(tap + c${j});
                }`,
              )}
            }
          }
          let at = position * uniforms.outChannels;
          ${forShare((j) => `if (c${j} < end) { result[at + c${j}] = sum${j}${bias ? ` + bias[c${j}]` : ''}; }`)}
        }`,
    }),
  );

/** Sums over chunks of positions, [chunks, taps, outChannels]. */
const filter = (modulated: boolean) =>
  byLanes((lanes): Shader =>
    elementwise({
      key: `deform_conv2d/depthwise_filter/${modulated ? 'modulated' : 'plain'}/${lanes}`,
      inputs: [...inputsOf(modulated), 'dy'],
      vectors: vectors(lanes),
      integers: [...DEFORM_GEOMETRY, 'chunk'],
      code: `${codeOf(modulated, lanes)}
        fn element(i : i32) {
          let c = i % uniforms.outChannels;
          let imageChannel = c / uniforms.multiplier;
          let tap = (i / uniforms.outChannels) % uniforms.taps;
          let firstOfChunk = (i / uniforms.outChannels / uniforms.taps) * uniforms.chunk;
          let end = min(firstOfChunk + uniforms.chunk, uniforms.positions);
          var sum = ${TYPES[lanes]}(0.0);
          for (var position = firstOfChunk; position < end; position++) {
            openPosition(position);
            planTap(imageChannel / uniforms.offsetIn, tap / uniforms.kernelWidth, tap % uniforms.kernelWidth);
            if (inside) {
              sum += modulation * blended(around(imageChannel)) * dy[position * uniforms.outChannels + c];
            }
          }
          result[i] = sum;
        }`,
    }),
  );

/** One thread per sample: adds to the gradient of the image, and writes those of offset and mask. */
const data = (modulated: boolean) =>
  byLanes((lanes): Shader =>
    elementwise({
      key: `deform_conv2d/depthwise_data/${modulated ? 'modulated' : 'plain'}/${lanes}`,
      inputs: [...inputsOf(modulated), 'weights', 'dy'],
      targets: ['doffset', ...(modulated ? ['dmask'] : [])],
      atomic: true,
      vectors: vectors(lanes),
      integers: DEFORM_GEOMETRY,
      code: `${codeOf(modulated, lanes)}
        ${scatter(lanes)}
        fn element(i : i32) {
          let sample = i % uniforms.samples;
          let offsetGroup = sample / uniforms.taps;
          let tap = sample - offsetGroup * uniforms.taps;
          openPosition(i / uniforms.samples);
          planTap(offsetGroup, tap / uniforms.kernelWidth, tap % uniforms.kernelWidth);
          var byY = ${TYPES[lanes]}(0.0);
          var byX = ${TYPES[lanes]}(0.0);
          var byMask = ${TYPES[lanes]}(0.0);
          if (inside) {
            let end = (offsetGroup + 1) * uniforms.offsetIn;
            for (var c = offsetGroup * uniforms.offsetIn; c < end; c++) {
              var gradient = ${TYPES[lanes]}(0.0);
              for (var m = c * uniforms.multiplier; m < (c + 1) * uniforms.multiplier; m++) {
                gradient += dy[position * uniforms.outChannels + m] * weights[tap * uniforms.outChannels + m];
              }
              ${spread(modulated)}
            }
            byY *= modulation;
            byX *= modulation;
          }
          atomicStore(&doffset[2 * i], bitcast<i32>(${total(lanes, 'byY')}));
          atomicStore(&doffset[2 * i + 1], bitcast<i32>(${total(lanes, 'byX')}));
          ${modulated ? `atomicStore(&dmask[i], bitcast<i32>(${total(lanes, 'byMask')}));` : ''}
        }`,
    }),
  );

const shadersOf = (modulated: boolean) => ({
  single: { plain: forward(modulated, false), biased: forward(modulated, true) },
  half: { plain: forward(modulated, false, 'half'), biased: forward(modulated, true, 'half') },
  filter: filter(modulated),
  data: data(modulated),
});
const MODULATED = shadersOf(true);
const PLAIN = shadersOf(false);

const shaders = ({ modulated }: DeformGeometry): typeof PLAIN => (modulated ? MODULATED : PLAIN);

/** Four lanes must share their offsets. */
function depthwiseLanes({ inChannels, outChannels, offsetGroups }: DeformGeometry): Lanes {
  return inChannels === outChannels ? lanesOf(inChannels / offsetGroups) : 1;
}

/** The filter, its precision, and the bias, if there is one. */
interface Filter {
  readonly weights: tf.TensorInfo;
  readonly precision: Precision;
  readonly bias: tf.TensorInfo | undefined;
}

/** Runs the forward pass. `read` are the image, the offset and, if there is one, the mask. */
export function runDepthwise(
  host: WebGPUHost,
  read: readonly tf.TensorInfo[],
  { weights, precision, bias }: Filter,
  g: DeformGeometry,
): tf.TensorInfo {
  const lanes = depthwiseLanes(g);
  const { plain, biased } = shaders(g)[precision];
  const apart = Math.ceil(g.outChannels / g.offsetGroups / lanes / SHARE);
  const uniforms: Uniforms = { ...deformUniforms(g, lanes), apart };
  const y = allocate(host, [g.batch, g.outHeight, g.outWidth, g.outChannels]);
  const count = positionsOf(g) * g.offsetGroups * apart;
  if (bias === undefined) runElements(host, plain[lanes], [...read, weights], y, count, uniforms);
  else runElements(host, biased[lanes], [...read, weights, bias], y, count, uniforms);
  return y;
}

/** Adds to the cleared `dx`, and writes the other gradients. */
export function runDepthwiseData(
  host: WebGPUHost,
  read: readonly tf.TensorInfo[],
  weights: tf.TensorInfo,
  dy: tf.TensorInfo,
  [dx, ...targets]: readonly tf.TensorInfo[],
  g: DeformGeometry,
): void {
  const lanes = depthwiseLanes(g);
  const count = positionsOf(g) * g.offsetGroups * tapsOf(g);
  runElements(host, shaders(g).data[lanes], [...read, weights, dy], dx!, count, deformUniforms(g, lanes), targets);
}

/** Computes the gradient of the filter. */
export function runDepthwiseFilter(
  host: WebGPUHost,
  read: readonly tf.TensorInfo[],
  dy: tf.TensorInfo,
  g: DeformGeometry,
): tf.TensorInfo {
  const shape = [g.kernelHeight, g.kernelWidth, 1, g.outChannels];
  const size = sizeOf(shape);
  const positions = positionsOf(g);
  if (size === 0 || positions === 0) return zeros(host, shape);
  const lanes = depthwiseLanes(g);
  const chunk = termsPerThread(positions, size / lanes);
  const chunks = Math.ceil(positions / chunk);
  const sums = allocate(host, [chunks, size]);
  const uniforms = { ...deformUniforms(g, lanes), chunk };
  runElements(host, shaders(g).filter[lanes], [...read, dy], sums, (chunks * size) / lanes, uniforms);
  return { ...sumRows(host, sums, chunks, size), shape };
}
