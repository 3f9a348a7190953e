/**
 * Convolutions of quads with packed filters. Each fragment computes four positions by four channels, so that it fetches
 * eight texels for 64 multiply-adds, and writes them to four textures at once.
 */
import type { WebGLCall } from './adapter.js';
import type { Surface } from './program.js';
import { isAligned, quadsOf, type Segments } from './lines.js';
import { shader } from './shader.js';

/** Textures drawn at once; the one of number j has what belongs to position 4 · p + j, or to channel 4 · c + j. */
export type Fours = readonly [Surface, Surface, Surface, Surface];

/** Allocates four surfaces of `count` texels each. */
export function allocateFours(call: WebGLCall, count: number): Fours {
  const allocate = (): Surface => call.quads(count);
  return [allocate(), allocate(), allocate(), allocate()];
}

/** Inputs of a shader that reads fours with {@link FOURS}. */
export const FOURS_INPUTS = { four0: 'quads', four1: 'quads', four2: 'quads', four3: 'quads' } as const;

/** Fours as inputs of a shader. */
export function inputsOf([four0, four1, four2, four3]: Fours) {
  return { four0, four1, four2, four3 };
}

/** GLSL function `vec4 foursTexel(int which, int index)`. */
export const FOURS = `
vec4 foursTexel(int which, int index) {
  if (which == 0) return four0(index);
  if (which == 1) return four1(index);
  if (which == 2) return four2(index);
  return four3(index);
}`;

/** GLSL functions of positions in a texture: (column, row). */
export const STEPS = `
ivec2 texelOf(int index, int width) {
  int row = quotient(index, width);
  return ivec2(index - row * width, row);
}
ivec2 advance(ivec2 at, ivec2 by, int width) {
  at += by;
  return at.x < width ? at : ivec2(at.x - width, at.y + 1);
}`;

/**
 * Window of a product, in pixels of the packed image: result (n, i, j) of phase (p, q) sums over the taps (a, b) that
 * read the pixel (n, i · step + (origin + p + a · tap) / phases, …), as far as the quotients are whole numbers. A convolution has
 * one phase. Its adjoint has one for each remainder of a position divided by the stride.
 */
export interface ProductWindow {
  readonly images: number;
  /** Results per image and phase. */
  readonly gridHeight: number;
  readonly gridWidth: number;
  /** Pixels per packed image. */
  readonly windowRows: number;
  readonly windowColumns: number;
  readonly stepHeight: number;
  readonly stepWidth: number;
  readonly phaseHeight: number;
  readonly phaseWidth: number;
  readonly originTop: number;
  readonly originLeft: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly tapHeight: number;
  readonly tapWidth: number;
}

/** Window of a product of vectors, which has no taps. */
export function pointwise(positions: number): ProductWindow {
  return {
    ...{ images: 1, gridHeight: 1, gridWidth: positions, windowRows: 1, windowColumns: positions },
    ...{ stepHeight: 1, stepWidth: 1, phaseHeight: 1, phaseWidth: 1, originTop: 0, originLeft: 0 },
    ...{ kernelHeight: 1, kernelWidth: 1, tapHeight: 1, tapWidth: 1 },
  };
}

/** Fours of each phase: the positions of a phase, rounded up. */
function foursOf({ images, gridHeight, gridWidth }: ProductWindow): number {
  return Math.ceil((images * gridHeight * gridWidth) / 4);
}

/** Number of texels that each of the four textures of a product has. */
export function productTexels(window: ProductWindow, columns: number): number {
  return window.phaseHeight * window.phaseWidth * foursOf(window) * columns;
}

/**
 * Multiplies the image with the filters, [phases, positions / 4, groups, columns].
 *
 * @param columns quads of the result in each group
 * @param hole value of the first channel of lines to skip, whatever the weights. @default none
 */
export function multiplyLines(
  call: WebGLCall,
  image: Surface,
  filters: Surface,
  window: ProductWindow,
  { groups, count, quads }: Segments,
  columns: number,
  hole?: number,
): Fours {
  const [target, ...others] = allocateFours(call, productTexels(window, groups * columns));
  const { images, gridHeight, gridWidth } = window;
  const positions = images * gridHeight * gridWidth;
  const ints = {
    ...window,
    ...{ positions, fours: foursOf(window), groups, segments: count, quads, columns },
    holed: hole === undefined ? 0 : 1,
  };
  call.draw(productShader, { inputs: { image, filters }, ints, floats: { hole: hole ?? 0 }, target, others });
  return [target, ...others];
}

const LANES = [0, 1, 2, 3] as const;
const each = (line: (j: number) => string): string => LANES.map(line).join('\n');

const productShader = shader(
  'fours',
  { image: 'blocks', filters: 'blocks' },
  [
    ...(['gridHeight', 'gridWidth', 'windowRows', 'windowColumns', 'stepHeight', 'stepWidth'] as const),
    ...(['phaseHeight', 'phaseWidth', 'originTop', 'originLeft', 'kernelHeight', 'kernelWidth'] as const),
    ...(['tapHeight', 'tapWidth', 'positions', 'fours', 'groups', 'segments', 'quads', 'columns', 'holed'] as const),
  ],
  `${STEPS}
// First texel of the pixel of a position at tap offset 0.
ivec2 startOf(int position, int group) {
  position = min(position, positions - 1);
  int row = quotient(position, gridWidth);
  int x = position - row * gridWidth;
  int image = quotient(row, gridHeight);
  int y = image * windowRows + (row - image * gridHeight) * stepHeight;
  int pixel = y * windowColumns + x * stepWidth;
  return texelOf((pixel * groups + group) * segments * quads, imageWidth);
}
void values(int index, out vec4 sum0, out vec4 sum1, out vec4 sum2, out vec4 sum3) {
  int row = quotient(index, columns);
  int column = index - row * columns;
  int four = quotient(row, groups);
  int group = row - four * groups;
  int phase = quotient(four, fours);
  int position = (four - phase * fours) * 4;
  ${each((j) => `ivec2 start${j} = startOf(position + ${j}, group);\n  sum${j} = vec4(0.0);`)}
  int phaseRow = quotient(phase, phaseWidth);
  int top = originTop + phaseRow;
  int left = originLeft + phase - phaseRow * phaseWidth;
  for (int ky = 0; ky < kernelHeight; ky++) {
    int down = top + ky * tapHeight;
    if (down % phaseHeight != 0) continue;
    for (int kx = 0; kx < kernelWidth; kx++) {
      int right = left + kx * tapWidth;
      if (right % phaseWidth != 0) continue;
      int pixels = down / phaseHeight * windowColumns + right / phaseWidth;
      int line = (((group * kernelHeight + ky) * kernelWidth + kx) * columns + column) * segments;
      for (int segment = 0; segment < segments; segment++) {
        ivec2 by = texelOf((pixels * groups * segments + segment) * quads, imageWidth);
        ivec2 weightsAt = texelOf((line + segment) * quads * 4, filtersWidth);
        ${each(
          (j) => `
        ivec2 at${j} = advance(start${j}, by, imageWidth);
        vec4 part${j} = vec4(0.0);
        bool skipped${j} = holed == 1 && texelFetch(imageTexture, at${j}, 0).x == hole;`,
        )}
        for (int quad = 0; quad < quads; quad++) {
          ${each((k) => `vec4 weights${k} = texelFetch(filtersTexture, weightsAt + ivec2(${k}, 0), 0);`)}
          weightsAt.x += 4;
          ${each(
            (j) => `
          vec4 pixel${j} = texelFetch(imageTexture, at${j}, 0);
          at${j}.x++;
          part${j} += pixel${j}.x * weights0;
          part${j} += pixel${j}.y * weights1;
          part${j} += pixel${j}.z * weights2;
          part${j} += pixel${j}.w * weights3;`,
          )}
        }
        ${each((j) => `if (!skipped${j}) sum${j} += part${j};`)}
      }
    }
  }
}`,
  ['hole'],
);

/** Creates the tensor of a result as the next output of the call, for {@link unpackFours}. */
export function productOutput(call: WebGLCall, shape: readonly number[], segments: Segments): Surface {
  return isAligned(segments) ? call.outputQuads(shape) : call.output(shape);
}

/** Pixels of an output that a product covers. */
export interface ProductTarget {
  /** Pixels per row of the tensor. */
  readonly width: number;
  /** Rows of each image. */
  readonly rows: number;
  /** First pixel. */
  readonly first: number;
}

/** Writes a product to pixels of an output, and adds a bias per channel if there is one. */
export function unpackFours(
  call: WebGLCall,
  product: Fours,
  window: ProductWindow,
  segments: Segments,
  target: Surface,
  { width, rows, first }: ProductTarget,
  bias?: Surface,
): void {
  const { gridHeight, gridWidth, phaseHeight, phaseWidth } = window;
  const { groups, channels, length, count, quads } = segments;
  const ints = {
    ...{ gridHeight, gridWidth, phaseHeight, phaseWidth, fours: foursOf(window) },
    ...{ groups, channels, segment: length, segments: count, quads },
    ...{ width, rows, first, biased: bias === undefined ? 0 : 1 },
  };
  const draw = { inputs: { ...inputsOf(product), bias: bias ?? product[0] }, ints, target };
  const end = first + window.images * rows * width;
  if (isAligned(segments)) call.draw(unpackQuadsShader, draw, first * quadsOf(segments), end * quadsOf(segments));
  else call.draw(unpackShader, draw, first * groups * channels, end * groups * channels);
}

const UNPACKED = [
  ...(['gridHeight', 'gridWidth', 'phaseHeight', 'phaseWidth', 'fours', 'groups', 'channels', 'segment'] as const),
  ...(['segments', 'quads', 'width', 'rows', 'first', 'biased'] as const),
] as const;

/** GLSL function `vec4 quadOf(int pixel, int quad)`, a quad of the product at a pixel of the output. */
const QUAD_OF = `${FOURS}
vec4 quadOf(int pixel, int quad) {
  int position = pixel - first;
  int four = position / 4;
  if (phaseHeight * phaseWidth > 1) {
    int row = quotient(position, width);
    int x = position - row * width;
    int image = quotient(row, rows);
    int y = row - image * rows;
    int i = quotient(y, phaseHeight);
    int j = quotient(x, phaseWidth);
    int phase = (y - i * phaseHeight) * phaseWidth + x - j * phaseWidth;
    position = (image * gridHeight + i) * gridWidth + j;
    four = phase * fours + position / 4;
  }
  return foursTexel(position & 3, four * groups * segments * quads + quad);
}`;

const unpackShader = shader(
  'flat',
  { ...FOURS_INPUTS, bias: 'flat' },
  UNPACKED,
  `${QUAD_OF}
float value(int index) {
  int pixel = quotient(index, groups * channels);
  int channel = index - pixel * groups * channels;
  int group = quotient(channel, channels);
  int within = channel - group * channels;
  int line = quotient(within, segment);
  within -= line * segment;
  float sum = quadOf(pixel, (group * segments + line) * quads + within / 4)[within & 3];
  return biased == 1 ? sum + bias(channel) : sum;
}`,
);

const unpackQuadsShader = shader(
  'texels',
  { ...FOURS_INPUTS, bias: 'flat' },
  UNPACKED,
  `${QUAD_OF}
vec4 value(int index) {
  int columns = groups * segments * quads;
  int pixel = quotient(index, columns);
  int quad = index - pixel * columns;
  vec4 sum = quadOf(pixel, quad);
  if (biased == 0) return sum;
  return sum + vec4(bias(quad * 4), bias(quad * 4 + 1), bias(quad * 4 + 2), bias(quad * 4 + 3));
}`,
);
