/**
 * The forward pass of depthwiseConv2d on WebGL for images in TensorFlow.js's own form: a texel holds two channels of two
 * neighbouring columns, and so does one of the result, whose columns then read the same texels. Nothing is converted.
 */
import type { WebGLCall } from '../../backends/webgl/adapter.js';
import { GEOMETRY } from '../../backends/webgl/geometry.js';
import { shader } from '../../backends/webgl/shader.js';
import type { ConvGeometry } from '../../kernel/geometry.js';

/** Widths of kernels beyond which a shader would be long. */
const WIDEST = 7;

/** True if the image is stored as this shader reads it, and its windows slide by single columns. */
export function takesBlocks(call: WebGLCall, g: ConvGeometry): boolean {
  const { layout, matrix } = call.stored('x');
  const { inWidth, inChannels, outChannels, kernelWidth, strideWidth, dilationWidth } = g;
  return (
    layout === 'blocks' &&
    matrix[0] === inWidth &&
    matrix[1] === inChannels &&
    inChannels === outChannels &&
    outChannels % 4 === 0 &&
    strideWidth === 1 &&
    dilationWidth === 1 &&
    kernelWidth <= WIDEST
  );
}

/**
 * The taps of a row. `columns` holds the texel of an even column and the next one; a tap takes it as it is, or what lies
 * between it and its successor. `odd` is 1 if the first tap of an even column is an odd column.
 */
function taps(kernelWidth: number, odd: number): string {
  return Array.from({ length: kernelWidth }, (_, kx) => {
    const isBetween = (odd + kx) % 2 === 1;
    return `{
      ${isBetween ? `vec4 next = columnsOf(row, pair + ${(odd + kx + 1) / 2}, channel);` : ''}
      vec4 values = ${isBetween ? 'vec4(columns.zw, next.xy)' : 'columns'} * twice(weights(by), channel);
      bvec2 inside = bvec2(isInside(first + ${kx}), isInside(first + ${kx + 1}));
      sum += mix(vec4(0.0), values, bvec4(inRow && inside.x, inRow && inside.x, inRow && inside.y, inRow && inside.y));
      ${isBetween ? 'columns = next;' : ''}
      by += quads;
    }`;
  }).join('\n');
}

function shaderOf(kernelWidth: number, odd: number) {
  return shader(
    'blocks',
    { image: 'blocks', weights: 'quads', bias: 'quads' },
    [...GEOMETRY, 'quads', 'biased', 'activation'],
    `
vec4 columnsOf(int row, int pair, int channel) {
  return imageTexel((row + clamp(pair, 0, imagePairs.x - 1)) * imagePairs.y + channel / 2);
}
vec4 twice(vec4 quad, int channel) {
  return (channel & 2) == 0 ? quad.xyxy : quad.zwzw;
}
bool isInside(int x) {
  return x >= 0 && x < inWidth;
}
vec4 block(int line, int left, int channel) {
  int n = quotient(line, outHeight);
  int top = (line - n * outHeight) * strideHeight - padTop;
  int first = left - padLeft;
  int pair = (first - ${odd}) >> 1;
  int by = channel / 4;
  vec4 sum = biased == 1 ? twice(bias(by), channel) : vec4(0.0);
  for (int ky = 0; ky < kernelHeight; ky++) {
    int y = top + ky * dilationHeight;
    bool inRow = y >= 0 && y < inHeight;
    int row = inRow ? (n * inHeight + y) * imagePairs.x : 0;
    vec4 columns = columnsOf(row, pair, channel);
    ${taps(kernelWidth, odd)}
  }
  // A NaN is neither below nor above.
  if (activation > 0) sum = mix(sum, vec4(0.0), lessThan(sum, vec4(0.0)));
  if (activation == 2) sum = mix(sum, vec4(6.0), greaterThan(sum, vec4(6.0)));
  return left + 1 < outWidth ? sum : vec4(sum.xy, 0.0, 0.0);
}`,
  );
}

/** By kernel width, made when they are first used. */
const SHADERS = new Map<string, ReturnType<typeof shaderOf>>();

/** The shader for {@link takesBlocks}. */
export function blocksShader({ kernelWidth, padLeft }: ConvGeometry): ReturnType<typeof shaderOf> {
  const odd = padLeft % 2;
  const key = `${kernelWidth}/${odd}`;
  const made = SHADERS.get(key) ?? shaderOf(kernelWidth, odd);
  SHADERS.set(key, made);
  return made;
}
