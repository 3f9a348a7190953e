/**
 * Tensors in quads: texels of four channels of one pixel. The channels of a group are divided into segments, and the
 * quads of a segment form a line, which lies within one row of its texture, so that a loop over them steps by one texel.
 */
import * as tf from '@tensorflow/tfjs';
import type { WebGLCall } from './adapter.js';
import { inputQuads, quadLayout } from './channel_quads.js';
import type { Surface } from './program.js';
import { shader } from './shader.js';

/** Division of `groups` · `channels` channels into segments; lanes past the end of a segment or a group are 0. */
export interface Segments {
  readonly groups: number;
  /** Channels per group. */
  readonly channels: number;
  /** Channels per segment. */
  readonly length: number;
  /** Segments per group. */
  readonly count: number;
  /** Quads per segment. */
  readonly quads: number;
}

/**
 * Divides the channels of each group into segments.
 *
 * @param length channels per segment; by default as many as possible
 */
export function segmentsOf(groups: number, channels: number, length = longest(channels)): Segments {
  return { groups, channels, length, count: Math.ceil(channels / length), quads: Math.ceil(length / 4) };
}

/** A line of filters has a texel for each channel, and must fit into a row of a texture. */
function longest(channels: number): number {
  const side = tf.env().getNumber('WEBGL_MAX_TEXTURE_SIZE');
  return Math.max(1, Math.min(channels, side - (side % 4)));
}

/** Number of quads of one pixel. */
export function quadsOf({ groups, count, quads }: Segments): number {
  return groups * count * quads;
}

/** Tests whether the quads of a tensor are its elements in their order. */
export function isAligned({ channels, length, count }: Segments): boolean {
  return length % 4 === 0 && count * length === channels;
}

/** Sizes of an image tensor [batch, height, width, channels]. */
export interface ImageSize {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
}

/** Rows [top, top + rows) and columns [left, left + columns) of images [image, image + images); zeros outside of them. */
export interface ImageWindow {
  readonly image: number;
  readonly images: number;
  readonly top: number;
  readonly rows: number;
  readonly left: number;
  readonly columns: number;
}

/** Input from which lines are packed, as quads if it is stored as texels of several elements and aligned. */
export interface LineSource {
  readonly surface: Surface;
  readonly isQuads: boolean;
  readonly size: ImageSize;
  readonly segments: Segments;
}

/** Opens an input, an image tensor. */
export function lineSource(call: WebGLCall, name: string, size: ImageSize, segments: Segments): LineSource {
  const isQuads = isAligned(segments) && call.stored(name).layout !== 'flat';
  if (!isQuads) return { surface: call.input(name), isQuads, size, segments };
  const { groups, channels, count } = segments;
  const layout = quadLayout(size.batch * size.height * size.width, groups * channels, groups * count);
  return { surface: inputQuads(call, name, layout), isQuads, size, segments };
}

/** Packs a window into lines [images, rows, columns, groups, segments]. */
export function packLines(
  call: WebGLCall,
  { surface, isQuads, size, segments }: LineSource,
  window: ImageWindow,
): Surface {
  const { images, top, rows, left, columns } = window;
  const { groups, channels, length, count, quads } = segments;
  const isWhole = images === size.batch && top === 0 && rows === size.height && left === 0 && columns === size.width;
  if (isQuads && isWhole && surface.width % quads === 0) return surface;
  const perPixel = groups * count;
  const target = call.lines(images * rows * columns * perPixel, quads, columns * perPixel);
  const ints = { ...size, ...window, groups, channels, segment: length, segments: count, quads };
  if (isQuads) call.draw(packQuadsShader, { inputs: { tensor: surface }, ints, target });
  else call.draw(packShader, { inputs: { tensor: surface }, ints, target });
  return target;
}

/** Reads up to four consecutive elements of a flat tensor; the others are 0. */
const READ_FOUR = `
vec4 readFour(int index, int count) {
  index += tensorFirst;
  int row = quotient(index, tensorWidth);
  ivec2 at = ivec2(index - row * tensorWidth, row);
  vec4 four = vec4(0.0);
  for (int lane = 0; lane < 4; lane++) {
    if (lane >= count) break;
    four[lane] = texelFetch(tensorTexture, at, 0).r;
    at = at.x + 1 < tensorWidth ? ivec2(at.x + 1, at.y) : ivec2(0, at.y + 1);
  }
  return four;
}`;

const PACKED = [
  ...(['height', 'width', 'image', 'top', 'rows', 'left', 'columns'] as const),
  ...(['groups', 'channels', 'segment', 'segments', 'quads'] as const),
] as const;

/** GLSL functions `vec4 value(int index)`, from `vec4 valueAt(int pixel, int line, int quad)` of a pixel of the tensor. */
const IN_WINDOW = `
vec4 value(int index) {
  int line = quotient(index, quads);
  int quad = index - line * quads;
  int pixel = quotient(line, groups * segments);
  int row = quotient(pixel, columns);
  int x = pixel - row * columns + left;
  int window = quotient(row, rows);
  int y = row - window * rows + top;
  if (x < 0 || x >= width || y < 0 || y >= height) return vec4(0.0);
  return valueAt(((image + window) * height + y) * width + x, line - pixel * groups * segments, quad);
}`;

const packShader = shader(
  'texels',
  { tensor: 'flat' },
  PACKED,
  `${READ_FOUR}
vec4 valueAt(int pixel, int line, int quad) {
  int group = quotient(line, segments);
  int channel = (line - group * segments) * segment + quad * 4;
  return readFour((pixel * groups + group) * channels + channel, min(segment - quad * 4, channels - channel));
}${IN_WINDOW}`,
);

const packQuadsShader = shader(
  'texels',
  { tensor: 'quads' },
  PACKED,
  `
vec4 valueAt(int pixel, int line, int quad) {
  return tensor((pixel * groups * segments + line) * quads + quad);
}${IN_WINDOW}`,
);

/** Side of a filter over whose channels a product sums. */
export type Summed = 'in' | 'out';

/**
 * Packs the filter [taps, groupChannels, outChannels] into lines [groups, taps, quads of the result, segments of the
 * sum]; a line has a texel for each channel of the sum, with the weights of four channels of the result.
 */
export function packFilterLines(
  call: WebGLCall,
  tensor: Surface,
  taps: number,
  summed: Summed,
  inner: Segments,
  outer: Segments,
): Surface {
  const { groups } = inner;
  const columns = outer.count * outer.quads;
  const length = inner.quads * 4;
  const target = call.lines(groups * taps * columns * inner.count, length, inner.count);
  const ints = {
    ...{ taps, groups, summedOut: summed === 'out' ? 1 : 0 },
    ...{ innerChannels: inner.channels, innerSegment: inner.length, innerSegments: inner.count, innerTexels: length },
    ...{ outerChannels: outer.channels, outerSegment: outer.length, outerSegments: outer.count },
    outerQuads: outer.quads,
  };
  call.draw(packFilterShader, { inputs: { tensor }, ints, target });
  return target;
}

const packFilterShader = shader(
  'texels',
  { tensor: 'flat' },
  [
    ...(['taps', 'groups', 'summedOut', 'innerChannels', 'innerSegment', 'innerSegments', 'innerTexels'] as const),
    ...(['outerChannels', 'outerSegment', 'outerSegments', 'outerQuads'] as const),
  ],
  `${READ_FOUR}
vec4 value(int index) {
  int line = quotient(index, innerTexels);
  int k = index - line * innerTexels;
  int row = quotient(line, innerSegments);
  int summed = (line - row * innerSegments) * innerSegment + k;
  line = quotient(row, outerQuads);
  int quad = row - line * outerQuads;
  row = quotient(line, outerSegments);
  int given = (line - row * outerSegments) * outerSegment + quad * 4;
  int group = quotient(row, taps);
  int tap = row - group * taps;
  if (k >= innerSegment || summed >= innerChannels) return vec4(0.0);
  int count = min(4, min(outerSegment - quad * 4, outerChannels - given));
  if (summedOut == 0) return readFour(((tap * innerChannels + summed) * groups + group) * outerChannels + given, count);
  vec4 weights = vec4(0.0);
  for (int lane = 0; lane < 4; lane++) {
    if (lane >= count) break;
    weights[lane] = tensor(((tap * outerChannels + given + lane) * groups + group) * innerChannels + summed);
  }
  return weights;
}`,
);
