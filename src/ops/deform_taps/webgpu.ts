/** deformTaps on WebGPU. */
import type * as tf from '@tensorflow/tfjs';
import { allocate, filled, hostOf, type Shader } from '../../backends/webgpu/adapter.js';
import { elementwise, runElements } from '../../backends/webgpu/elements.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { sizeOf } from '../../kernel/sizes.js';
import { DEFORM_TAPS, tapsOf } from './kernels.js';

/** Index of a tap's numbers in the given rows. */
const GIVEN_AT = `
  fn givenAt(row : i32, tap : i32) -> i32 {
    return row * uniforms.given + tap - select(0, 1, tap > uniforms.middle);
  }`;

/** Index, on the full grid, of the numbers of a given tap. */
const PLACED_AT = `
  fn placedAt(i : i32) -> i32 {
    let tap = i % uniforms.given;
    return i / uniforms.given * uniforms.taps + tap + select(0, 1, tap >= uniforms.middle);
  }`;

const PLACE = elementwise({
  key: 'deform_taps/place',
  inputs: ['values'],
  integers: [
    'taps',
    'given',
    'middle',
    'width',
    'kernelWidth',
    'dilationHeight',
    'dilationWidth',
    'halfHeight',
    'halfWidth',
  ],
  floats: ['scale', 'rest', 'absent'],
  code: `${GIVEN_AT}
    fn element(i : i32) {
      let lane = i % uniforms.width;
      let tap = i / uniforms.width % uniforms.taps;
      var toCenter = uniforms.halfHeight - tap / uniforms.kernelWidth * uniforms.dilationHeight;
      if (lane == 1) {
        toCenter = uniforms.halfWidth - tap % uniforms.kernelWidth * uniforms.dilationWidth;
      }
      var placed = uniforms.absent;
      if (tap != uniforms.middle) {
        let at = givenAt(i / uniforms.width / uniforms.taps, tap);
        placed = uniforms.rest * f32(toCenter) + uniforms.scale * values[at * uniforms.width + lane];
      }
      result[i] = placed;
    }`,
});

const PLACE_BACKWARD = elementwise({
  key: 'deform_taps/place_backward',
  inputs: ['dplaced'],
  integers: ['taps', 'given', 'middle', 'width'],
  floats: ['scale'],
  code: `${PLACED_AT}
    fn element(i : i32) {
      result[i] = uniforms.scale * dplaced[placedAt(i / uniforms.width) * uniforms.width + i % uniforms.width];
    }`,
});

/** One thread per row, which then needs nothing from other threads for its softmax. */
const SOFTMAX = elementwise({
  key: 'deform_taps/softmax',
  inputs: ['logits'],
  integers: ['taps', 'given', 'middle'],
  code: `${GIVEN_AT}
    fn element(row : i32) {
      let start = row * uniforms.given;
      var largest = logits[start];
      for (var i = start + 1; i < start + uniforms.given; i++) {
        largest = max(largest, logits[i]);
      }
      var sum = 0.0;
      for (var i = start; i < start + uniforms.given; i++) {
        sum += exp(logits[i] - largest);
      }
      for (var tap = 0; tap < uniforms.taps; tap++) {
        var weight = 0.0;
        if (tap != uniforms.middle) {
          weight = exp(logits[givenAt(row, tap)] - largest) / sum;
        }
        result[row * uniforms.taps + tap] = weight;
      }
    }`,
});

const SOFTMAX_BACKWARD = elementwise({
  key: 'deform_taps/softmax_backward',
  inputs: ['weights', 'dweights'],
  integers: ['taps', 'given', 'middle'],
  code: `${PLACED_AT}
    fn element(row : i32) {
      var sum = 0.0;
      for (var tap = 0; tap < uniforms.taps; tap++) {
        if (tap != uniforms.middle) {
          let at = row * uniforms.taps + tap;
          sum += weights[at] * dweights[at];
        }
      }
      for (var i = row * uniforms.given; i < (row + 1) * uniforms.given; i++) {
        let at = placedAt(i);
        result[i] = weights[at] * (dweights[at] - sum);
      }
    }`,
});

/** A kernel that runs a shader once per element of its result, or once per row. */
function kernel(
  kernelName: string,
  shader: Shader,
  inputs: readonly string[],
  shapeOf: 'givenShape' | 'placedShape',
  unit: 'element' | 'row',
): tf.KernelConfig {
  return {
    kernelName,
    backendName: 'webgpu',
    kernelFunc: (args: KernelArguments) => {
      const host = hostOf(args);
      const { sizes, scale, rest, absent, [shapeOf]: shape } = tapsOf(args);
      // If no tap is given, the only tap of the grid is the centre one.
      if (sizes.rows * sizes.given === 0) return filled(host, shape, kernelName === DEFORM_TAPS.place ? absent : 0);
      const output = allocate(host, shape);
      const count = unit === 'row' ? sizes.rows : sizeOf(shape);
      const operands = inputs.map((name) => args.inputs[name]!);
      runElements(host, shader, operands, output, count, { ...sizes, scale, rest, absent });
      return output;
    },
  };
}

export const place = kernel(DEFORM_TAPS.place, PLACE, ['given'], 'placedShape', 'element');

export const placeBackward = kernel(DEFORM_TAPS.placeBackward, PLACE_BACKWARD, ['dplaced'], 'givenShape', 'element');

export const softmax = kernel(DEFORM_TAPS.softmax, SOFTMAX, ['logits'], 'placedShape', 'row');

export const softmaxBackward = kernel(
  DEFORM_TAPS.softmaxBackward,
  SOFTMAX_BACKWARD,
  ['weights', 'dweights'],
  'givenShape',
  'row',
);
