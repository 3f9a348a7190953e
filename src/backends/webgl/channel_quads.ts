/**
 * Channels in texels of four ("quads"): a tensor [pixels, channels] as texels [pixels, groups, quads], with zeros behind
 * the channels of each group. A fragment then computes four channels, and finds its texels once for all of them.
 */
import type { WebGLCall } from './adapter.js';
import type { Surface } from './program.js';
import { shader } from './shader.js';

/** Layout of quads. */
export interface QuadLayout {
  readonly pixels: number;
  /** Number of channels of the quads: those of the tensor, each repeated `multiplier` times. */
  readonly channels: number;
  readonly groups: number;
  readonly multiplier: number;
  /** Number of quads of a group. */
  readonly quads: number;
}

/** Describes `channels` channels, in groups that share no quad, of which the tensor has one in `multiplier`. */
export function quadLayout(pixels: number, channels: number, groups = 1, multiplier = 1): QuadLayout {
  return { pixels, channels, groups, multiplier, quads: Math.ceil(channels / groups / 4) };
}

function sizeOfQuads({ pixels, groups, quads }: QuadLayout): number {
  return pixels * groups * quads;
}

/** True if the quads are the elements of the tensor in their order. */
function isFlat({ channels, groups, multiplier }: QuadLayout): boolean {
  return multiplier === 1 && channels % (4 * groups) === 0;
}

function uniformsOf({ channels, groups, multiplier, quads }: QuadLayout) {
  return { channels: channels / groups, groups, multiplier, quads };
}

/** Quads of an input, which has `layout.pixels · layout.channels / layout.multiplier` elements. */
export function inputQuads(call: WebGLCall, name: string, layout: QuadLayout): Surface {
  const { layout: stored, surface, matrix } = call.stored(name);
  if (isFlat(layout) && stored === 'quads') return surface;
  if (isFlat(layout) && stored === 'blocks') {
    const target = call.quads(sizeOfQuads(layout));
    const [rows, columns] = matrix;
    call.draw(fromBlocks, { inputs: { tensor: surface }, ints: { rows, columns }, target });
    return target;
  }
  const target = call.quads(sizeOfQuads(layout));
  call.draw(fromFlat, { inputs: { tensor: call.input(name) }, ints: uniformsOf(layout), target });
  return target;
}

/** Surface of the quads of an output, with a function that ends its drawing. */
export interface QuadOutput {
  readonly quads: Surface;
  readonly finish: () => void;
}

/** Creates a tensor as the next output, to be drawn as quads; repeated channels are summed. */
export function outputQuads(call: WebGLCall, shape: readonly number[], layout: QuadLayout): QuadOutput {
  if (isFlat(layout)) return { quads: call.outputQuads(shape), finish: () => undefined };
  const target = call.output(shape);
  const quads = call.quads(sizeOfQuads(layout));
  return {
    quads,
    finish: () => {
      call.draw(toFlat, { inputs: { texels: quads }, ints: uniformsOf(layout), target });
      call.release(quads);
    },
  };
}

const UNIFORMS = ['channels', 'groups', 'multiplier', 'quads'] as const;

const fromFlat = shader(
  'texels',
  { tensor: 'flat' },
  UNIFORMS,
  `
ivec2 following(ivec2 at) {
  return at.x + 1 < tensorWidth ? ivec2(at.x + 1, at.y) : ivec2(0, at.y + 1);
}
vec4 value(int index) {
  int group = quotient(index, quads);
  int first = (index - group * quads) * 4;
  int start = group * channels + first;
  int end = channels - first;
  vec4 quad;
  if (multiplier == 1) {
    int row = quotient(tensorFirst + start, tensorWidth);
    ivec2 x = ivec2(tensorFirst + start - row * tensorWidth, row);
    ivec2 y = following(x);
    ivec2 z = following(y);
    quad = vec4(
      texelFetch(tensorTexture, x, 0).r,
      texelFetch(tensorTexture, y, 0).r,
      texelFetch(tensorTexture, z, 0).r,
      texelFetch(tensorTexture, following(z), 0).r
    );
  } else {
    quad = vec4(
      tensor(quotient(start, multiplier)),
      tensor(quotient(start + 1, multiplier)),
      tensor(quotient(start + 2, multiplier)),
      tensor(quotient(start + 3, multiplier))
    );
  }
  return mix(quad, vec4(0.0), lessThanEqual(ivec4(end), ivec4(0, 1, 2, 3)));
}`,
);

const fromBlocks = shader(
  'texels',
  { tensor: 'blocks' },
  ['rows', 'columns'],
  `
float element(int index) {
  int row = quotient(index, columns);
  int matrix = quotient(row, rows);
  return tensor(matrix, row - matrix * rows, index - row * columns);
}
vec4 value(int index) {
  index *= 4;
  if (columns % 4 != 0) return vec4(element(index), element(index + 1), element(index + 2), element(index + 3));
  int row = quotient(index, columns);
  // Matrices of an odd number of rows end in half a block.
  int line = rows % 2 == 0 ? row : row + quotient(row, rows);
  int texel = (line >> 1) * tensorPairs.y + (index - row * columns) / 2;
  int y = quotient(texel, tensorWidth);
  int x = texel - y * tensorWidth;
  vec4 left = texelFetch(tensorTexture, ivec2(x, y), 0);
  vec4 right = texelFetch(tensorTexture, x + 1 < tensorWidth ? ivec2(x + 1, y) : ivec2(0, y + 1), 0);
  return (line & 1) == 0 ? vec4(left.xy, right.xy) : vec4(left.zw, right.zw);
}`,
);

const toFlat = shader(
  'flat',
  { texels: 'quads' },
  UNIFORMS,
  `
float value(int index) {
  float sum = 0.0;
  for (int repeat = 0; repeat < multiplier; repeat++) {
    int channel = index * multiplier + repeat;
    int group = quotient(channel, channels);
    int within = channel - group * channels;
    sum += texels(group * quads + within / 4)[within & 3];
  }
  return sum;
}`,
);
