/**
 * Gradients of deformConv2d with respect to image, offset and mask on WebGPU: the column gradients, dy · filterᵀ, are
 * computed tile by tile and go from the memory of a workgroup to where they belong.
 */
import type * as tf from '@tensorflow/tfjs';
import type { Uniforms, WebGPUHost } from '../../backends/webgpu/adapter.js';
import { atomicAdd } from '../../backends/webgpu/atomic_add.js';
import { positionsOf, tapsOf } from '../../backends/webgpu/geometry.js';
import { lanesOf, TYPES, vectorsOf, type Lanes } from '../../backends/webgpu/lanes.js';
import { LEFT_BY_ROWS, matrixProduct, runProduct, taking, type Product } from '../../backends/webgpu/matrix_product.js';
import { POSITIONS } from '../../backends/webgpu/positions.js';
import type { DeformGeometry } from './kernels.js';
import { DEFORM_GEOMETRY, deformUniforms, sampleCorners, sampling, scatter, spread, total } from './webgpu_samples.js';

/** dy · filterᵀ, whose rows are positions and whose columns are those of an image. */
const OPERANDS = `
  var<private> group : i32;
  var<private> leftAt : i32;
  var<private> leftEnd : i32;
  var<private> rowAt : i32;
  var<private> rightAt : i32;

  fn openSlice(slice : i32, firstRow : i32) {
    group = slice;
  }
  fn openRow(row : i32) {
    rowAt = select(-1, row * uniforms.outChannels + group * uniforms.groupOut, row < uniforms.rows);
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
  }`;

/** Neighbouring column gradients of one position: as long as they belong to one sample, they share its location. */
const spreading = (modulated: boolean, lanes: Lanes): string => `
  ${POSITIONS}
  ${sampling(modulated)}
  ${sampleCorners(lanes)}
  ${scatter(lanes)}
  ${atomicAdd('addOffset', 'doffset')}
  ${modulated ? atomicAdd('addMask', 'dmask') : ''}
  fn gradientAt(rowOfTile : i32, column : i32) -> ${TYPES[lanes]} {
    let vector = sumsOfTile[rowOfTile * (WIDTH / 4) + column / 4];
    return ${lanes === 4 ? 'vector' : 'vector[column % 4]'};
  }
  fn take(slice : i32, row : i32, rowOfTile : i32, firstColumn : i32, columnOfTile : i32) {
    openPosition(row);
    var openTap = -1;
    var openGroup = -1;
    var byY = ${TYPES[lanes]}(0.0);
    var byX = ${TYPES[lanes]}(0.0);
    var byMask = ${TYPES[lanes]}(0.0);
    // One step more than there are columns, for what the last sample leaves.
    for (var step = 0; step <= WIDTH / 2; step += ${lanes}) {
      let column = firstColumn + columnOfTile + step;
      let isEnd = step == WIDTH / 2 || column >= uniforms.columns;
      let tap = column / uniforms.groupIn;
      let c = (slice * uniforms.groupIn + column - tap * uniforms.groupIn) / ${lanes};
      let offsetGroup = c / uniforms.offsetIn;
      if (isEnd || tap != openTap || offsetGroup != openGroup) {
        if (openTap >= 0 && inside) {
          let at = (row * uniforms.offsetGroups + openGroup) * uniforms.taps + openTap;
          addOffset(2 * at, modulation * ${total(lanes, 'byY')});
          addOffset(2 * at + 1, modulation * ${total(lanes, 'byX')});
          ${modulated ? `addMask(at, ${total(lanes, 'byMask')});` : ''}
        }
        if (isEnd) {
          break;
        }
        byY = ${TYPES[lanes]}(0.0);
        byX = ${TYPES[lanes]}(0.0);
        byMask = ${TYPES[lanes]}(0.0);
        openTap = tap;
        openGroup = offsetGroup;
        planTap(offsetGroup, tap / uniforms.kernelWidth, tap % uniforms.kernelWidth);
      }
      if (!inside) {
        continue;
      }
      let gradient = gradientAt(rowOfTile, columnOfTile + step);
      ${spread(modulated)}
    }
  }`;

/** Adds to the gradients of the image, the offset and, if there is one, the mask. */
const columnGradients = (modulated: boolean, lanes: Lanes): Product =>
  matrixProduct(
    {
      key: `deform_conv2d/${modulated ? 'modulated' : 'plain'}/column_gradients/${lanes}`,
      inputs: ['image', 'offset', ...(modulated ? ['mask'] : []), 'weights', 'dy'],
      targets: ['doffset', ...(modulated ? ['dmask'] : [])],
      atomic: true,
      vectors: vectorsOf(lanes, ['image']),
      integers: DEFORM_GEOMETRY,
      code: OPERANDS,
    },
    `${taking()}
    ${spreading(modulated, lanes)}`,
  );

const MODULATED = { 1: columnGradients(true, 1), 4: columnGradients(true, 4) } as const;
const PLAIN = { 1: columnGradients(false, 1), 4: columnGradients(false, 4) } as const;

/**
 * Adds to the cleared gradients of the image, the offset and, if there is one, the mask. `read` are the tensors
 * themselves.
 */
export function runColumnGradients(
  host: WebGPUHost,
  read: readonly tf.TensorInfo[],
  weights: tf.TensorInfo,
  dy: tf.TensorInfo,
  [dx, ...targets]: readonly tf.TensorInfo[],
  g: DeformGeometry,
): void {
  const groupIn = g.inChannels / g.groups;
  const lanes = lanesOf(groupIn, g.inChannels / g.offsetGroups);
  const whole = deformUniforms(g);
  // The image alone is read by lanes.
  const { inChannels, offsetIn } = deformUniforms(g, lanes);
  const uniforms: Uniforms = { ...whole, inChannels: inChannels!, offsetIn: offsetIn! };
  const size = {
    slices: g.groups,
    rows: positionsOf(g),
    columns: tapsOf(g) * groupIn,
    depth: g.outChannels / g.groups,
  };
  const product = (g.modulated ? MODULATED : PLAIN)[lanes];
  runProduct(host, product, [...read, weights, dy], dx!, size, uniforms, targets);
}
