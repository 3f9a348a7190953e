/** The shaders of depthwiseConv2d on WebGPU (webgpu.ts). Numbers of channels are those of lanes. */
import type { Shader } from '../../backends/webgpu/adapter.js';
import { elementwise } from '../../backends/webgpu/elements.js';
import { GEOMETRY } from '../../backends/webgpu/geometry.js';
import { activating, halvesOf, PACKING_FOUR, reading } from '../../backends/webgpu/halves.js';
import { byLanes, TYPES, vectorsOf, type Lanes } from '../../backends/webgpu/lanes.js';
import type { Precision } from '../../kernel/half.js';

/** Outputs of a row that one thread computes. */
export const TILE_WIDTH = 4;

/** Taps of a row whose filter gradient one thread sums. */
export const TILE_TAPS = 3;

const each = (count: number, line: (j: number) => string): string =>
  Array.from({ length: count }, (_, j) => line(j)).join('\n');

/** `pixelAt(row, x)`: the channel `pixelChannel` of a pixel, any if the row has none. Reads `image`. */
const pixels = (lanes: Lanes, image: Precision = 'single'): string => `
  ${reading('image', lanes, image)}
  var<private> pixelChannel : i32;
  fn pixelAt(row : i32, x : i32) -> ${TYPES[lanes]} {
    return imageAt((row + clamp(x, 0, uniforms.inWidth - 1)) * uniforms.inChannels + pixelChannel);
  }
  fn isInside(x : i32) -> bool {
    return x >= 0 && x < uniforms.inWidth;
  }`;

/** Form of the forward shader. */
interface Form {
  readonly bias: boolean;
  /** @default 'single' */
  readonly image?: Precision;
  /** @default 'single' */
  readonly weights?: Precision;
  /** Half takes four lanes. @default 'single' */
  readonly result?: Precision;
}

/**
 * A thread computes outputs that lie `spacing` apart, so that the pixel that one of them reads for a tap is that of its
 * neighbour for the next tap, where stride and dilation allow it (`slides`). `flipped` is 1 to take the taps in reverse
 * order.
 */
export function forwardShader(form: Form, lanes: Lanes): Shader {
  const { bias, image = 'single', weights = 'single', result = 'single' } = form;
  const inputs = ['image', 'weights', ...(bias ? ['bias'] : [])];
  const last = TILE_WIDTH - 1;
  const stores = (sum: string): string => (result === 'half' ? `fourOf(activated(${sum}))` : `activated(${sum})`);
  const halves = halvesOf({ image, weights, result });
  return elementwise({
    key: `depthwise_conv2d/forward/${[bias ? 'bias' : 'plain', ...halves, lanes].join('/')}`,
    inputs,
    halves,
    vectors: vectorsOf(lanes, [...inputs, 'result']),
    integers: [...GEOMETRY, 'multiplier', 'spacing', 'slides', 'tiles', 'flipped', 'activation'],
    code: `${pixels(lanes, image)}
        ${reading('weights', lanes, weights)}
        ${activating(lanes)}
        ${result === 'half' ? PACKING_FOUR : ''}
        fn element(i : i32) {
          let c = i % uniforms.outChannels;
          let line = i / uniforms.outChannels / uniforms.tiles;
          let tile = i / uniforms.outChannels - line * uniforms.tiles;
          let block = tile / uniforms.spacing;
          let first = block * uniforms.spacing * ${TILE_WIDTH} + tile - block * uniforms.spacing;
          let batch = line / uniforms.outHeight;
          let originY = (line - batch * uniforms.outHeight) * uniforms.strideHeight - uniforms.padTop;
          let originX = first * uniforms.strideWidth - uniforms.padLeft;
          let step = uniforms.spacing * uniforms.strideWidth;
          pixelChannel = c / uniforms.multiplier;
          ${each(TILE_WIDTH, (j) => `var sum${j} = ${bias ? 'bias[c]' : `${TYPES[lanes]}(0.0)`};`)}
          for (var tapY = 0; tapY < uniforms.kernelHeight; tapY++) {
            let y = originY + tapY * uniforms.dilationHeight;
            if (y < 0 || y >= uniforms.inHeight) {
              continue;
            }
            let row = (batch * uniforms.inHeight + y) * uniforms.inWidth;
            ${each(TILE_WIDTH, (j) => `var pixel${j} = ${TYPES[lanes]}(0.0); var inside${j} = false;`)}
            for (var tapX = 0; tapX < uniforms.kernelWidth; tapX++) {
              let x = originX + tapX * uniforms.dilationWidth;
              if (tapX == 0 || uniforms.slides == 0) {
                ${each(last, (j) => `pixel${j} = pixelAt(row, x + ${j} * step); inside${j} = isInside(x + ${j} * step);`)}
              } else {
                ${each(last, (j) => `pixel${j} = pixel${j + 1}; inside${j} = inside${j + 1};`)}
              }
              pixel${last} = pixelAt(row, x + ${last} * step);
              inside${last} = isInside(x + ${last} * step);
              let nth = tapY * uniforms.kernelWidth + tapX;
              let tap = select(nth, uniforms.taps - 1 - nth, uniforms.flipped == 1);
              let weight = weightsAt(tap * uniforms.outChannels + c);
              ${each(TILE_WIDTH, (j) => `sum${j} += select(${TYPES[lanes]}(0.0), pixel${j} * weight, inside${j});`)}
            }
          }
          let at = (line * uniforms.outWidth + first) * uniforms.outChannels + c;
          ${each(
            TILE_WIDTH,
            (j) => `if (first + ${j} * uniforms.spacing < uniforms.outWidth) {
              result[at + ${j} * uniforms.spacing * uniforms.outChannels] = ${stores(`sum${j}`)};
            }`,
          )}
        }`,
  });
}

const forward = (bias: boolean) => byLanes((lanes) => forwardShader({ bias }, lanes));

export const FORWARD = { plain: forward(false), biased: forward(true) };

/** Each pixel gathers from the outputs whose taps read it. */
export const BACKWARD_INPUT = byLanes((lanes) =>
  elementwise({
    key: `depthwise_conv2d/input/${lanes}`,
    inputs: ['dy', 'weights'],
    vectors: vectorsOf(lanes, ['dy', 'weights', 'result']),
    integers: [...GEOMETRY, 'multiplier'],
    code: `
      fn element(i : i32) {
        let imageChannel = i % uniforms.inChannels;
        let pixel = i / uniforms.inChannels;
        let line = pixel / uniforms.inWidth;
        let batch = line / uniforms.inHeight;
        let fromY = line - batch * uniforms.inHeight + uniforms.padTop;
        let fromX = pixel - line * uniforms.inWidth + uniforms.padLeft;
        let firstChannel = imageChannel * uniforms.multiplier;
        var sum = ${TYPES[lanes]}(0.0);
        for (var tapY = 0; tapY < uniforms.kernelHeight; tapY++) {
          let shiftedY = fromY - tapY * uniforms.dilationHeight;
          let y = shiftedY / uniforms.strideHeight;
          if (shiftedY < 0 || y * uniforms.strideHeight != shiftedY || y >= uniforms.outHeight) {
            continue;
          }
          let row = (batch * uniforms.outHeight + y) * uniforms.outWidth;
          for (var tapX = 0; tapX < uniforms.kernelWidth; tapX++) {
            let shiftedX = fromX - tapX * uniforms.dilationWidth;
            let x = shiftedX / uniforms.strideWidth;
            if (shiftedX < 0 || x * uniforms.strideWidth != shiftedX || x >= uniforms.outWidth) {
              continue;
            }
            let dyAt = (row + x) * uniforms.outChannels + firstChannel;
            let weightAt = (tapY * uniforms.kernelWidth + tapX) * uniforms.outChannels + firstChannel;
            for (var m = 0; m < uniforms.multiplier; m++) {
              sum += dy[dyAt + m] * weights[weightAt + m];
            }
          }
        }
        result[i] = sum;
      }`,
  }),
);

/**
 * Sums over chunks of `run` segments each, [chunks, taps, outChannels]; a segment is a part of a row of outputs. A
 * thread sums neighbouring taps, so that a pixel serves several of them.
 */
export const BACKWARD_FILTER = byLanes((lanes) =>
  elementwise({
    key: `depthwise_conv2d/filter/${lanes}`,
    inputs: ['image', 'dy'],
    vectors: vectorsOf(lanes, ['image', 'dy', 'result']),
    integers: [...GEOMETRY, 'multiplier', 'segments', 'segment', 'segmentsOfRow', 'run', 'tapTiles'],
    code: `${pixels(lanes)}
      fn element(i : i32) {
        let c = i % uniforms.outChannels;
        let line = i / uniforms.outChannels / uniforms.tapTiles;
        let firstTap = (i / uniforms.outChannels - line * uniforms.tapTiles) * ${TILE_TAPS};
        let tapY = line % uniforms.kernelHeight;
        let chunk = line / uniforms.kernelHeight;
        let slides = uniforms.strideWidth == uniforms.dilationWidth;
        pixelChannel = c / uniforms.multiplier;
        ${each(TILE_TAPS, (j) => `var sum${j} = ${TYPES[lanes]}(0.0);`)}
        let end = min((chunk + 1) * uniforms.run, uniforms.segments);
        for (var part = chunk * uniforms.run; part < end; part++) {
          let outLine = part / uniforms.segmentsOfRow;
          let batch = outLine / uniforms.outHeight;
          let outY = outLine - batch * uniforms.outHeight;
          let y = outY * uniforms.strideHeight + tapY * uniforms.dilationHeight - uniforms.padTop;
          if (y < 0 || y >= uniforms.inHeight) {
            continue;
          }
          let row = (batch * uniforms.inHeight + y) * uniforms.inWidth;
          let first = (part - outLine * uniforms.segmentsOfRow) * uniforms.segment;
          let last = min(first + uniforms.segment, uniforms.outWidth);
          ${each(TILE_TAPS, (j) => `var pixel${j} = ${TYPES[lanes]}(0.0); var inside${j} = false;`)}
          for (var outX = first; outX < last; outX++) {
            let x = outX * uniforms.strideWidth - uniforms.padLeft + firstTap * uniforms.dilationWidth;
            if (outX == first || !slides) {
              ${each(
                TILE_TAPS - 1,
                (j) => `pixel${j} = pixelAt(row, x + ${j} * uniforms.dilationWidth);
                inside${j} = isInside(x + ${j} * uniforms.dilationWidth);`,
              )}
            } else {
              ${each(TILE_TAPS - 1, (j) => `pixel${j} = pixel${j + 1}; inside${j} = inside${j + 1};`)}
            }
            let farthest = x + ${TILE_TAPS - 1} * uniforms.dilationWidth;
            pixel${TILE_TAPS - 1} = pixelAt(row, farthest);
            inside${TILE_TAPS - 1} = isInside(farthest);
            let upstream = dy[(outLine * uniforms.outWidth + outX) * uniforms.outChannels + c];
            ${each(TILE_TAPS, (j) => `sum${j} += select(${TYPES[lanes]}(0.0), pixel${j} * upstream, inside${j});`)}
          }
        }
        let tap = line * uniforms.kernelWidth + firstTap;
        ${each(
          TILE_TAPS,
          (j) => `if (firstTap + ${j} < uniforms.kernelWidth) {
            result[(tap + ${j}) * uniforms.outChannels + c] = sum${j};
          }`,
        )}
      }`,
  }),
);
