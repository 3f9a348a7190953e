/**
 * Shaders of this package: a function of one output element (or block, or point), with inputs as functions of indices.
 * All sizes are uniforms, and the source is the only key of a compiled program, so a new input size never compiles
 * anything. (Keys and sources in TensorFlow.js depend on ranks, dimensions of 1 and texture shapes.)
 *
 * Inputs and outputs come in two layouts:
 * - `flat`: elements in row-major order, one per texel, like unpacked textures of TensorFlow.js. An input `x` is `float
 *   x(int index)`.
 * - `blocks`: batches of matrices, with the 2 × 2 elements of rows r, r + 1 and columns c, c + 1 in a texel, like
 *   packed textures of TensorFlow.js. An input `a` is `float a(int batch, int row, int column)`, and `vec4 aTexel(int
 *   index)` by texel.
 * - `quads`, for inputs only: texels of four numbers (channel_quads.ts). An input `q` is `vec4 q(int index)`.
 *
 * `int quotient(int a, int b)` is a / b for 0 ≤ a < 2³⁰ and b > 0, several times as fast as the operator.
 */

/** Layout of a texture: elements in order, blocks of 2 × 2 elements of the last two axes, or texels of four numbers. */
export type Layout = 'flat' | 'blocks' | 'quads';

/**
 * Output of a shader, and the function that it defines:
 * - `flat`: `float value(int index)`, the element of that index;
 * - `blocks`: `vec4 block(int batch, int row, int column)`, the block with this first element;
 * - `texels`: `vec4 value(int index)`, four numbers, whose meaning is up to the shaders that read them;
 * - `twos`: `void values(int index, out vec4 a, out vec4 b)`, the texels of that index in two targets of one size;
 * - `fours`: the same with `out vec4 c, out vec4 d`, in four targets;
 * - `points`: `bool point(int number, out int index, out vec4 value)`, a value to add to the texel `index`, if true;
 * - `rectangles`: `bool rectangle(int number, out ivec4 texels)`, the columns [x, z) and rows [y, w) of texels to add
 *   to, if true, and `vec4 value(int number, ivec2 texel)`, the value to add to each;
 * - `squares`: `bool square(int number, out ivec2 first, out vec4 numbers, out ivec4 indices)`, the first texel of a
 *   square of `squareSize` (a uniform of the shader) texels to add to, if true, and `bool value(ivec2 texel, vec4 numbers,
 *   ivec4 indices, out vec4 added)`, the value to add to the texel of the square, if true.
 */
export type Output = 'flat' | 'blocks' | 'texels' | 'twos' | 'fours' | 'points' | 'rectangles' | 'squares';

/** A shader with the names of its inputs and uniforms, which its callers must give. */
export interface Shader<Input extends string = string, Int extends string = string, Float extends string = string> {
  readonly inputs: Readonly<Record<Input, Layout>>;
  /** Names of the integer uniforms. */
  readonly ints: readonly Int[];
  readonly floats: readonly Float[];
  readonly output: Output;
  readonly source: string;
}

/** Creates a shader, keeping the types of its uniforms. */
export function shader<Input extends string, Int extends string, Float extends string = never>(
  output: Output,
  inputs: Readonly<Record<Input, Layout>>,
  ints: readonly Int[],
  source: string,
  floats: readonly Float[] = [],
): Shader<Input, Int, Float> {
  return { inputs, ints, floats, output, source };
}

const PREAMBLE = `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;
// The first estimate is off by a few at most, the second one by one.
int quotient(int a, int b) {
  float inverse = 1.0 / float(b);
  int result = int(float(a) * inverse);
  result += int(floor(float(a - result * b) * inverse));
  int rest = a - result * b;
  return rest < 0 ? result - 1 : rest >= b ? result + 1 : result;
}
`;

const READERS: Readonly<Record<Layout, (name: string) => string>> = {
  flat: (name) => `
uniform sampler2D ${name}Texture;
uniform int ${name}Width; // of the texture
uniform int ${name}First; // where the tensor begins in it
float ${name}(int index) {
  index += ${name}First;
  int row = quotient(index, ${name}Width);
  return texelFetch(${name}Texture, ivec2(index - row * ${name}Width, row), 0).r;
}`,
  blocks: (name) => `
uniform sampler2D ${name}Texture;
uniform int ${name}Width;
uniform ivec2 ${name}Pairs; // of rows and columns in a matrix
vec4 ${name}Texel(int index) {
  int row = quotient(index, ${name}Width);
  return texelFetch(${name}Texture, ivec2(index - row * ${name}Width, row), 0);
}
float ${name}(int batch, int row, int column) {
  vec4 texel = ${name}Texel((batch * ${name}Pairs.x + row / 2) * ${name}Pairs.y + column / 2);
  return texel[(row & 1) * 2 + (column & 1)];
}`,
  quads: (name) => `
uniform sampler2D ${name}Texture;
uniform int ${name}Shift; // binary logarithm of the texture's width
vec4 ${name}(int index) {
  return texelFetch(${name}Texture, ivec2(index & ((1 << ${name}Shift) - 1), index >> ${name}Shift), 0);
}`,
};

/** Main function of the fragment shader, by output. A draw covers the texels [targetRange.x, targetRange.y). */
const WRITERS: Readonly<Record<Exclude<Output, 'points' | 'rectangles' | 'squares'>, string>> = {
  flat: 'texel = vec4(value(index), 0.0, 0.0, 1.0);',
  texels: 'texel = value(index);',
  twos: 'values(index, texel, texel1);',
  fours: 'values(index, texel, texel1, texel2, texel3);',
  blocks: `
  int pair = index / targetPairs.y;
  texel = block(pair / targetPairs.x, pair % targetPairs.x * 2, index % targetPairs.y * 2);`,
};

/** Declarations of several targets. */
function targets(...names: readonly string[]): string {
  return names.map((name, index) => `layout(location = ${index}) out vec4 ${name};`).join('\n');
}

const TARGETS: Readonly<Partial<Record<Output, string>>> = {
  twos: targets('texel', 'texel1'),
  fours: targets('texel', 'texel1', 'texel2', 'texel3'),
};

const COVER = `${PREAMBLE}
void main() {
  // A triangle that covers the whole target.
  gl_Position = vec4(float(gl_VertexID & 1) * 4.0 - 1.0, float(gl_VertexID >> 1) * 4.0 - 1.0, 0.0, 1.0);
}`;

const CLIPPED = 'vec4(2.0, 2.0, 2.0, 1.0)';

const CARRY = `${PREAMBLE}
flat in vec4 carried;
out vec4 texel;
void main() {
  texel = carried;
}`;

/** Generates the source of the vertex and fragment shaders. */
export function sourcesOf({ inputs, ints, floats, output, source }: Shader): { vertex: string; fragment: string } {
  const declarations = [
    ...ints.map((name) => `uniform int ${name};`),
    ...floats.map((name) => `uniform float ${name};`),
    ...Object.entries(inputs).map(([name, layout]) => READERS[layout](name)),
    source,
  ].join('\n');
  if (output === 'points') return pointSources(declarations);
  if (output === 'rectangles') return rectangleSources(declarations);
  if (output === 'squares') return squareSources(declarations);
  const fragment = `${PREAMBLE}${declarations}
uniform int targetWidth;
uniform ivec2 targetRange;
uniform ivec2 targetPairs;
${TARGETS[output] ?? 'out vec4 texel;'}
void main() {
  int index = int(gl_FragCoord.y) * targetWidth + int(gl_FragCoord.x);
  if (index < targetRange.x || index >= targetRange.y) discard;
  ${WRITERS[output]}
}`;
  return { vertex: COVER, fragment };
}

function pointSources(declarations: string): { vertex: string; fragment: string } {
  const vertex = `${PREAMBLE}${declarations}
uniform ivec2 targetSize; // width and height in texels
flat out vec4 carried;
void main() {
  int index;
  gl_PointSize = 1.0;
  if (point(gl_VertexID, index, carried)) {
    vec2 texel = vec2(index % targetSize.x, index / targetSize.x) + 0.5;
    gl_Position = vec4(texel / vec2(targetSize) * 2.0 - 1.0, 0.0, 1.0);
  } else {
    gl_Position = ${CLIPPED};
  }
}`;
  return { vertex, fragment: CARRY };
}

function rectangleSources(declarations: string): { vertex: string; fragment: string } {
  const vertex = `${PREAMBLE}${declarations}
uniform ivec2 targetSize;
flat out int carried;
// Two triangles, by their corners: 1 and 3 are at the right, 2 and 3 at the bottom.
const int CORNERS[6] = int[6](0, 1, 2, 2, 1, 3);
void main() {
  carried = gl_VertexID / 6;
  int corner = CORNERS[gl_VertexID % 6];
  ivec4 texels;
  if (rectangle(carried, texels)) {
    vec2 texel = vec2((corner & 1) == 0 ? texels.x : texels.z, corner < 2 ? texels.y : texels.w);
    gl_Position = vec4(texel / vec2(targetSize) * 2.0 - 1.0, 0.0, 1.0);
  } else {
    gl_Position = ${CLIPPED};
  }
}`;
  const fragment = `${PREAMBLE}${declarations}
flat in int carried;
out vec4 texel;
void main() {
  texel = value(carried, ivec2(gl_FragCoord.xy));
}`;
  return { vertex, fragment };
}

function squareSources(declarations: string): { vertex: string; fragment: string } {
  const vertex = `${PREAMBLE}${declarations}
uniform ivec2 targetSize;
flat out ivec2 first;
flat out vec4 numbers;
flat out ivec4 indices;
void main() {
  gl_PointSize = float(squareSize);
  if (square(gl_VertexID, first, numbers, indices)) {
    vec2 centre = vec2(first) + float(squareSize) / 2.0;
    gl_Position = vec4(centre / vec2(targetSize) * 2.0 - 1.0, 0.0, 1.0);
  } else {
    gl_Position = ${CLIPPED};
  }
}`;
  const fragment = `${PREAMBLE}${declarations}
flat in ivec2 first;
flat in vec4 numbers;
flat in ivec4 indices;
out vec4 texel;
void main() {
  if (!value(ivec2(gl_FragCoord.xy) - first, numbers, indices, texel)) discard;
}`;
  return { vertex, fragment };
}
