/** Operands of a convolution's matrix products, in blocks. */
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { WebGLCall } from './adapter.js';
import { packMatrices } from './matrix.js';
import type { Surface } from './program.js';
import type { Tile } from './tiles.js';

/** Sizes of the product: columns [groups, positions, depth] · filter [groups, depth, width]. */
export function sizesOf({ kernelHeight, kernelWidth, inChannels, outChannels, groups }: ConvGeometry) {
  return { depth: (kernelHeight * kernelWidth * inChannels) / groups, width: outChannels / groups };
}

/** Packs the filter [kh, kw, inChannels / groups, outChannels] as matrices [groups, depth, width]. */
export function packFilter(call: WebGLCall, filter: Surface, g: ConvGeometry): Surface {
  const { depth, width } = sizesOf(g);
  const { groups, outChannels } = g;
  const layout = { batch: groups, rows: depth, columns: width, first: 0, batchStep: width, rowStep: outChannels };
  return packMatrices(call, filter, layout);
}

/** Packs a tile of an output [positions, outChannels] as matrices [groups, rows, width]. */
export function packOutput(call: WebGLCall, dy: Surface, g: ConvGeometry, { first, rows }: Tile): Surface {
  const { groups, outChannels } = g;
  const { width } = sizesOf(g);
  return packMatrices(call, dy, {
    ...{ batch: groups, rows, columns: width },
    ...{ first: first * outChannels, batchStep: width, rowStep: outChannels },
  });
}
