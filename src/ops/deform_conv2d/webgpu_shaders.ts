/** The shaders of deformConv2d on WebGPU (webgpu.ts), with and without a mask. */
import type { Shader } from '../../backends/webgpu/adapter.js';
import { ATOMIC_ADD } from '../../backends/webgpu/atomic_add.js';
import { columnsProduct, filterProduct } from '../../backends/webgpu/column_products.js';
import { elementwise } from '../../backends/webgpu/elements.js';
import { LEFT_BY_ROWS, matrixProduct } from '../../backends/webgpu/matrix_product.js';
import { POSITIONS } from '../../backends/webgpu/positions.js';
import { sampleColumns, DEFORM_GEOMETRY, SAMPLE_CORNERS, sampling } from './webgpu_samples.js';

/** Column gradients [positions, taps, inChannels] from position `first`: dy · filterᵀ. */
export const COLUMN_GRADIENTS: Shader = matrixProduct({
  key: 'deform_conv2d/column_gradients',
  inputs: ['dy', 'weights'],
  integers: [...DEFORM_GEOMETRY, 'first'],
  code: `
    var<private> group : i32;
    var<private> leftAt : i32;
    var<private> leftEnd : i32;
    var<private> rowAt : i32;
    var<private> rightAt : i32;

    fn openSlice(slice : i32, firstRow : i32) {
      group = slice;
    }
    fn openRow(row : i32) {
      rowAt = select(-1, ((uniforms.first + row) * uniforms.outChannels + group * uniforms.groupOut), row < uniforms.rows);
    }
    fn openDepth(depth : i32) {
      leftAt = rowAt + depth;
      leftEnd = select(rowAt + uniforms.depth, leftAt, rowAt < 0);
    }
    fn readLeft() -> u32 {
      var bits = 0u;
      if (leftAt < leftEnd) {
        bits = taken(dy[leftAt]);
      }
      leftAt++;
      return bits;
    }
    ${LEFT_BY_ROWS}
    fn openRight(depth : i32) {
      rightAt = select(-1, group * uniforms.groupOut + depth, depth < uniforms.depth);
    }
    fn readRight(column : i32) -> f32 {
      if (rightAt < 0 || column >= uniforms.columns) {
        return 0.0;
      }
      return weights[rightAt + column * uniforms.outChannels];
    }
    fn store(slice : i32, row : i32, column : i32, sum : f32) {
      let tap = column / uniforms.groupIn;
      let c = slice * uniforms.groupIn + column - tap * uniforms.groupIn;
      result[(row * uniforms.taps + tap) * uniforms.inChannels + c] = sum;
    }`,
});

/** `columnGradient(row, tap, channel)`, as {@link COLUMN_GRADIENTS} stored it. Reads `columns`. */
const STORED = `
  fn columnGradient(row : i32, tap : i32, c : i32) -> f32 {
    return columns[(row * uniforms.taps + tap) * uniforms.inChannels + c];
  }`;

/** The same computed directly, for depthwise convolutions, whose sum is short. Reads `dy` and `weights`. */
const DIRECT = `
  fn columnGradient(row : i32, tap : i32, c : i32) -> f32 {
    let dyAt = (uniforms.first + row) * uniforms.outChannels + c * uniforms.multiplier;
    let weightAt = tap * uniforms.outChannels + c * uniforms.multiplier;
    var sum = 0.0;
    for (var m = 0; m < uniforms.multiplier; m++) {
      sum += dy[dyAt + m] * weights[weightAt + m];
    }
    return sum;
  }`;

/** Source of the column gradients. */
interface Source {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly code: string;
}

const SOURCES = {
  stored: { name: 'stored', inputs: ['columns'], code: STORED },
  direct: { name: 'direct', inputs: ['dy', 'weights'], code: DIRECT },
} as const satisfies Record<string, Source>;

/** Shaders of the operator with or without a mask. Positions start at the uniform `first`. */
function shadersOf(modulated: boolean) {
  const key = `deform_conv2d/${modulated ? 'modulated' : 'plain'}`;
  const sampleInputs = ['offset', ...(modulated ? ['mask'] : [])];
  const sampleCode = `${POSITIONS}
    ${sampling(modulated)}`;
  const columns: Shader = {
    key,
    inputs: ['image', ...sampleInputs],
    integers: DEFORM_GEOMETRY,
    code: sampleColumns(modulated),
  };

  const depthwiseForward = (bias: boolean): Shader =>
    elementwise({
      key: `${key}/depthwise_forward/${bias ? 'bias' : 'plain'}`,
      inputs: ['image', ...sampleInputs, 'weights', ...(bias ? ['bias'] : [])],
      integers: DEFORM_GEOMETRY,
      code: `${sampleCode}
        ${SAMPLE_CORNERS}
        fn element(i : i32) {
          let c = i % uniforms.outChannels;
          let imageChannel = c / uniforms.multiplier;
          openPosition(i / uniforms.outChannels);
          var sum = ${bias ? 'bias[c]' : '0.0'};
          for (var y = 0; y < uniforms.kernelHeight; y++) {
            for (var x = 0; x < uniforms.kernelWidth; x++) {
              planTap(imageChannel / uniforms.offsetIn, y, x);
              if (inside) {
                let value = modulation * dot(cornerWeights, cornersOf(imageChannel));
                sum += value * weights[(y * uniforms.kernelWidth + x) * uniforms.outChannels + c];
              }
            }
          }
          result[i] = sum;
        }`,
    });

  /** Sums over chunks of positions, [chunks, taps, outChannels]. */
  const depthwiseFilter = elementwise({
    key: `${key}/depthwise_filter`,
    inputs: ['image', ...sampleInputs, 'dy'],
    integers: [...DEFORM_GEOMETRY, 'chunk'],
    code: `${sampleCode}
      ${SAMPLE_CORNERS}
      fn element(i : i32) {
        let c = i % uniforms.outChannels;
        let imageChannel = c / uniforms.multiplier;
        let tap = (i / uniforms.outChannels) % uniforms.taps;
        let firstOfChunk = (i / uniforms.outChannels / uniforms.taps) * uniforms.chunk;
        let end = min(firstOfChunk + uniforms.chunk, uniforms.positions);
        var sum = 0.0;
        for (var position = firstOfChunk; position < end; position++) {
          openPosition(position);
          planTap(imageChannel / uniforms.offsetIn, tap / uniforms.kernelWidth, tap % uniforms.kernelWidth);
          if (inside) {
            let value = modulation * dot(cornerWeights, cornersOf(imageChannel));
            sum += value * dy[position * uniforms.outChannels + c];
          }
        }
        result[i] = sum;
      }`,
  });

  /** Adds to dx; one thread per column entry. */
  const inputGradient = (source: Source): Shader =>
    elementwise({
      key: `${key}/input/${source.name}`,
      inputs: [...sampleInputs, ...source.inputs],
      integers: [...DEFORM_GEOMETRY, 'first'],
      atomic: true,
      code: `${sampleCode}
        ${source.code}
        ${ATOMIC_ADD}
        fn element(i : i32) {
          let c = i % uniforms.inChannels;
          let tap = (i / uniforms.inChannels) % uniforms.taps;
          let row = i / uniforms.inChannels / uniforms.taps;
          openPosition(uniforms.first + row);
          planTap(c / uniforms.offsetIn, tap / uniforms.kernelWidth, tap % uniforms.kernelWidth);
          if (!inside) {
            return;
          }
          let gradient = modulation * columnGradient(row, tap, c);
          for (var k = 0; k < 4; k++) {
            if (corners[k] >= 0) {
              add(corners[k] + c, cornerWeights[k] * gradient);
            }
          }
        }`,
    });

  const offsetGradient = elementwise({
    key: `${key}/offset`,
    inputs: [...sampleInputs, 'products'],
    integers: [...DEFORM_GEOMETRY, 'first'],
    code: `${sampleCode}
      fn element(i : i32) {
        let s = i % uniforms.samples;
        let tap = s % uniforms.taps;
        openPosition(uniforms.first + i / uniforms.samples);
        planTap(s / uniforms.taps, tap / uniforms.kernelWidth, tap % uniforms.kernelWidth);
        let at = 2 * (position * uniforms.samples + s);
        result[at] = 0.0;
        result[at + 1] = 0.0;
        if (!inside) {
          return;
        }
        let right = vec2<f32>(1.0 - fractionX, fractionX);
        let down = vec2<f32>(1.0 - fractionY, fractionY);
        let top = vec2<f32>(products[4 * i], products[4 * i + 1]);
        let bottom = vec2<f32>(products[4 * i + 2], products[4 * i + 3]);
        result[at] = modulation * dot(bottom - top, right);
        result[at + 1] = modulation * dot(vec2<f32>(top.y - top.x, bottom.y - bottom.x), down);
      }`,
  });

  const { plain, biased } = columnsProduct(columns);
  return {
    forward: { plain, biased },
    depthwiseForward: { plain: depthwiseForward(false), biased: depthwiseForward(true) },
    filter: filterProduct(columns),
    depthwiseFilter,
    inputGradient: { stored: inputGradient(SOURCES.stored), direct: inputGradient(SOURCES.direct) },
    offsetGradient,
  };
}

export const MODULATED = shadersOf(true);
export const PLAIN = shadersOf(false);

const cornerProducts = (source: Source): Shader =>
  elementwise({
    key: `deform_conv2d/corner_products/${source.name}`,
    inputs: ['image', 'offset', ...source.inputs],
    integers: [...DEFORM_GEOMETRY, 'first'],
    code: `${POSITIONS}
      ${sampling(false)}
      ${SAMPLE_CORNERS}
      ${source.code}
      fn element(i : i32) {
        let s = i % uniforms.samples;
        let row = i / uniforms.samples;
        let tap = s % uniforms.taps;
        let firstChannel = (s / uniforms.taps) * uniforms.offsetIn;
        openPosition(uniforms.first + row);
        planTap(s / uniforms.taps, tap / uniforms.kernelWidth, tap % uniforms.kernelWidth);
        var sums = vec4<f32>(0.0);
        if (inside) {
          for (var c = firstChannel; c < firstChannel + uniforms.offsetIn; c++) {
            sums += columnGradient(row, tap, c) * cornersOf(c);
          }
        }
        result[4 * i] = sums.x;
        result[4 * i + 1] = sums.y;
        result[4 * i + 2] = sums.z;
        result[4 * i + 3] = sums.w;
      }`,
  });

/**
 * ⟨column gradient, pixel⟩ for the four corners of every sample, [positions, samples, 4]; doffset and dmask follow from
 * these.
 */
export const CORNER_PRODUCTS = { stored: cornerProducts(SOURCES.stored), direct: cornerProducts(SOURCES.direct) };

export const MASK_GRADIENT = elementwise({
  key: 'deform_conv2d/mask',
  inputs: ['offset', 'products'],
  integers: [...DEFORM_GEOMETRY, 'first'],
  code: `${POSITIONS}
    ${sampling(false)}
    fn element(i : i32) {
      let s = i % uniforms.samples;
      let tap = s % uniforms.taps;
      openPosition(uniforms.first + i / uniforms.samples);
      planTap(s / uniforms.taps, tap / uniforms.kernelWidth, tap % uniforms.kernelWidth);
      let at = position * uniforms.samples + s;
      result[at] = 0.0;
      if (inside) {
        let around = vec4<f32>(products[4 * i], products[4 * i + 1], products[4 * i + 2], products[4 * i + 3]);
        result[at] = dot(cornerWeights, around);
      }
    }`,
});
