/** deformTaps on WebGL. */
import type * as tf from '@tensorflow/tfjs';
import { runWebGLSingle, type WebGLCall } from '../../backends/webgl/adapter.js';
import { shader } from '../../backends/webgl/shader.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { DEFORM_TAPS, tapsOf, type TapCall } from './kernels.js';

/** Index of a tap's numbers in the given rows. */
const GIVEN_AT = `
int givenAt(int row, int tap) {
  return row * given + tap - (tap > middle ? 1 : 0);
}`;

/** Index, on the full grid, of the numbers of a given tap. */
const PLACED_AT = `
int placedAt(int index) {
  int tap = index % given;
  return index / given * taps + tap + (tap >= middle ? 1 : 0);
}`;

const placeShader = shader(
  'flat',
  { values: 'flat' },
  ['taps', 'given', 'middle', 'width', 'kernelWidth', 'dilationHeight', 'dilationWidth', 'halfHeight', 'halfWidth'],
  `
${GIVEN_AT}
float value(int index) {
  int lane = index % width;
  int tap = index / width % taps;
  int toCenter = lane == 0
    ? halfHeight - tap / kernelWidth * dilationHeight
    : halfWidth - tap % kernelWidth * dilationWidth;
  float shift = rest * float(toCenter);
  return tap == middle ? absent : scale * values(givenAt(index / width / taps, tap) * width + lane) + shift;
}`,
  ['scale', 'rest', 'absent'],
);

const placeBackwardShader = shader(
  'flat',
  { upstream: 'flat' },
  ['taps', 'given', 'middle', 'width'],
  `
${PLACED_AT}
float value(int index) {
  return scale * upstream(placedAt(index / width) * width + index % width);
}`,
  ['scale'],
);

/** (largest, Σ exp(logit − largest)) of every row. */
const rowShader = shader(
  'texels',
  { logits: 'flat' },
  ['given'],
  `
vec4 value(int row) {
  int start = row * given;
  float largest = logits(start);
  for (int i = start + 1; i < start + given; i++) largest = max(largest, logits(i));
  float sum = 0.0;
  for (int i = start; i < start + given; i++) sum += exp(logits(i) - largest);
  return vec4(largest, sum, 0.0, 0.0);
}`,
);

const softmaxShader = shader(
  'flat',
  { logits: 'flat', rows: 'blocks' },
  ['taps', 'given', 'middle'],
  `
${GIVEN_AT}
float value(int index) {
  int tap = index % taps;
  if (tap == middle) return 0.0;
  vec4 row = rowsTexel(index / taps);
  return exp(logits(givenAt(index / taps, tap)) - row.x) / row.y;
}`,
);

/** Σ weights · dweights of every row. */
const productShader = shader(
  'flat',
  { weights: 'flat', upstream: 'flat' },
  ['taps', 'middle'],
  `
float value(int row) {
  float sum = 0.0;
  for (int tap = 0; tap < taps; tap++) {
    if (tap != middle) sum += weights(row * taps + tap) * upstream(row * taps + tap);
  }
  return sum;
}`,
);

const softmaxBackwardShader = shader(
  'flat',
  { weights: 'flat', upstream: 'flat', products: 'flat' },
  ['taps', 'given', 'middle'],
  `
${PLACED_AT}
float value(int index) {
  int at = placedAt(index);
  return weights(at) * (upstream(at) - products(index / given));
}`,
);

function kernel(kernelName: string, body: (call: WebGLCall, taps: TapCall) => void): tf.KernelConfig {
  return {
    kernelName,
    backendName: 'webgl',
    kernelFunc: (args: KernelArguments) =>
      runWebGLSingle(args, (call) => {
        body(call, tapsOf(args));
      }),
  };
}

export const place = kernel(DEFORM_TAPS.place, (call, { sizes, scale, rest, absent, placedShape }) => {
  const inputs = { values: call.input('given') };
  call.draw(placeShader, {
    inputs,
    ints: { ...sizes },
    floats: { scale, rest, absent },
    target: call.output(placedShape),
  });
});

export const placeBackward = kernel(DEFORM_TAPS.placeBackward, (call, { sizes, scale, givenShape }) => {
  const inputs = { upstream: call.input('dplaced') };
  call.draw(placeBackwardShader, { inputs, ints: { ...sizes }, floats: { scale }, target: call.output(givenShape) });
});

export const softmax = kernel(DEFORM_TAPS.softmax, (call, { sizes, placedShape }) => {
  const logits = call.input('logits');
  const rows = call.texels(sizes.rows);
  call.draw(rowShader, { inputs: { logits }, ints: { ...sizes }, target: rows }, 0, sizes.rows);
  call.draw(softmaxShader, { inputs: { logits, rows }, ints: { ...sizes }, target: call.output(placedShape) });
});

export const softmaxBackward = kernel(DEFORM_TAPS.softmaxBackward, (call, { sizes, givenShape }) => {
  const [weights, upstream] = [call.input('weights'), call.input('dweights')];
  const products = call.flat(sizes.rows);
  call.draw(productShader, { inputs: { weights, upstream }, ints: { ...sizes }, target: products });
  const inputs = { weights, upstream, products };
  call.draw(softmaxBackwardShader, { inputs, ints: { ...sizes }, target: call.output(givenShape) });
});
