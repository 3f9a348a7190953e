/**
 * Filter gradients: products of quads of the image with quads of the upstream gradient, summed over the positions.
 * Each fragment computes four by four weights of one tap over a chunk of positions; a second draw sums the chunks.
 */
import type { WebGLCall } from './adapter.js';
import type { Surface } from './program.js';
import {
  allocateFours,
  FOURS,
  FOURS_INPUTS,
  inputsOf,
  STEPS,
  type Fours,
  type ProductWindow,
} from './line_products.js';
import { quadsOf, type Segments } from './lines.js';
import { shader } from './shader.js';
import { mostTexels } from './row_tiles.js';

/** Fewest fragments that keep a device busy. */
const FRAGMENTS = 2 ** 13;

/** Most positions that a fragment sums, as the rounding errors of a sum grow with its length. */
const POSITIONS = 2 ** 11;

/** Filter gradient that grows tile by tile. */
export class FilterGradient {
  private sum: Surface | undefined;

  /**
   * @param inner segments of the image's channels
   * @param outer segments of the upstream gradient's channels
   */
  constructor(
    private readonly call: WebGLCall,
    private readonly taps: number,
    private readonly inner: Segments,
    private readonly outer: Segments,
  ) {}

  /**
   * Adds a tile.
   *
   * @param upstream quads of the positions in order
   * @param hole value of the first channel of quads to skip, whatever the upstream gradient. @default none
   * @param target surface of the result; none while more tiles follow
   */
  add(image: Surface, upstream: Surface, window: ProductWindow, target: Surface | undefined, hole?: number): void {
    const { call, taps, inner, outer } = this;
    const positions = window.images * window.gridHeight * window.gridWidth;
    const weights = taps * quadsOf(inner) * outer.count * outer.quads;
    const wanted = Math.max(Math.ceil(FRAGMENTS / weights), Math.ceil(positions / POSITIONS));
    const count = Math.max(1, Math.min(wanted, positions, Math.floor(mostTexels() / weights)));
    const extent = Math.ceil(positions / count);
    const chunks = extent === 0 ? 0 : Math.ceil(positions / extent);
    const partial = this.multiply(image, upstream, window, { positions, extent, chunks, weights }, hole);
    const next = target ?? call.flat(taps * inner.channels * outer.groups * outer.channels);
    const ints = {
      ...{ chunks, weights, based: this.sum === undefined ? 0 : 1, taps, groups: inner.groups },
      ...{ innerChannels: inner.channels, innerSegment: inner.length, innerSegments: inner.count },
      ...{ innerQuads: inner.quads, outerChannels: outer.channels, columns: outer.count * outer.quads },
    };
    const inputs = { ...inputsOf(partial), base: this.sum ?? partial[0] };
    call.draw(sumShader, { inputs, ints, target: next });
    call.release(...partial, ...(this.sum ? [this.sum] : []));
    this.sum = next;
  }

  private multiply(
    image: Surface,
    upstream: Surface,
    window: ProductWindow,
    chunks: Readonly<Record<'positions' | 'extent' | 'chunks' | 'weights', number>>,
    hole: number | undefined,
  ): Fours {
    const { groups, count, quads } = this.inner;
    const [target, ...others] = allocateFours(this.call, chunks.chunks * chunks.weights);
    const ints = {
      ...window,
      ...chunks,
      ...{ groups, segments: count, quads, columns: this.outer.count * this.outer.quads },
      holed: hole === undefined ? 0 : 1,
    };
    const call = { inputs: { image, upstream }, ints, floats: { hole: hole ?? 0 }, target, others };
    this.call.draw(outerShader, call);
    return [target, ...others];
  }
}

const outerShader = shader(
  'fours',
  { image: 'blocks', upstream: 'blocks' },
  [
    ...(['gridHeight', 'gridWidth', 'windowRows', 'windowColumns', 'stepHeight', 'stepWidth'] as const),
    ...(['kernelHeight', 'kernelWidth', 'tapHeight', 'tapWidth', 'positions', 'extent', 'weights'] as const),
    ...(['groups', 'segments', 'quads', 'columns', 'holed'] as const),
  ],
  `${STEPS}
void values(int index, out vec4 sum0, out vec4 sum1, out vec4 sum2, out vec4 sum3) {
  sum0 = sum1 = sum2 = sum3 = vec4(0.0);
  int row = quotient(index, columns);
  int column = index - row * columns;
  int tap = quotient(row, segments * quads);
  int quad = row - tap * segments * quads;
  row = quotient(tap, kernelWidth);
  int kx = tap - row * kernelWidth;
  tap = quotient(row, kernelHeight);
  int ky = row - tap * kernelHeight;
  int chunk = quotient(tap, groups);
  int group = tap - chunk * groups;
  int position = chunk * extent;
  int end = min(position + extent, positions);
  int pixelQuads = groups * segments * quads;
  int upstreamQuads = groups * columns;
  ivec2 imageBy = texelOf(stepWidth * pixelQuads, imageWidth);
  ivec2 upstreamBy = texelOf(upstreamQuads, upstreamWidth);
  while (position < end) {
    row = quotient(position, gridWidth);
    int x = position - row * gridWidth;
    int image = quotient(row, gridHeight);
    int y = image * windowRows + (row - image * gridHeight) * stepHeight + ky * tapHeight;
    int pixel = y * windowColumns + x * stepWidth + kx * tapWidth;
    ivec2 imageAt = texelOf(pixel * pixelQuads + group * segments * quads + quad, imageWidth);
    ivec2 upstreamAt = texelOf(position * upstreamQuads + group * columns + column, upstreamWidth);
    int stop = min(end, (row + 1) * gridWidth);
    for (; position < stop; position++) {
      vec4 read = texelFetch(imageTexture, imageAt, 0);
      vec4 dy = texelFetch(upstreamTexture, upstreamAt, 0);
      if (holed == 1 && read.x == hole) read = dy = vec4(0.0);
      sum0 += read.x * dy;
      sum1 += read.y * dy;
      sum2 += read.z * dy;
      sum3 += read.w * dy;
      imageAt = advance(imageAt, imageBy, imageWidth);
      upstreamAt = advance(upstreamAt, upstreamBy, upstreamWidth);
    }
  }
}`,
  ['hole'],
);

/** Sums the chunks into the filter [taps, groupChannels, outChannels]. */
const sumShader = shader(
  'flat',
  { ...FOURS_INPUTS, base: 'flat' },
  [
    ...(['chunks', 'weights', 'based', 'taps', 'groups', 'innerChannels', 'innerSegment', 'innerSegments'] as const),
    ...(['innerQuads', 'outerChannels', 'columns'] as const),
  ],
  `${FOURS}
float value(int index) {
  int row = quotient(index, groups * outerChannels);
  int column = index - row * groups * outerChannels;
  int tap = quotient(row, innerChannels);
  int within = row - tap * innerChannels;
  int group = quotient(column, outerChannels);
  int given = column - group * outerChannels;
  int segment = quotient(within, innerSegment);
  within -= segment * innerSegment;
  int line = (group * taps + tap) * innerSegments + segment;
  int texel = (line * innerQuads + within / 4) * columns + given / 4;
  float sum = based == 1 ? base(index) : 0.0;
  float partial = 0.0;
  for (int chunk = 0; chunk < chunks; chunk++) {
    partial += foursTexel(within & 3, chunk * weights + texel)[given & 3];
  }
  return sum + partial;
}`,
);
