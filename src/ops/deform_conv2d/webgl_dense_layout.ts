/** Layout of a deformable convolution with a full filter on WebGL, shared by its kernels. */
import { quadLayout, type QuadLayout } from '../../backends/webgl/channel_quads.js';
import { quadsOf, segmentsOf, type Segments } from '../../backends/webgl/lines.js';
import { positionTiles, type Tile } from '../../backends/webgl/tiles.js';
import type { DeformGeometry } from './kernels.js';

/** Sizes, segments and tiles. */
export interface Layout {
  readonly taps: number;
  readonly input: Segments;
  readonly output: Segments;
  readonly image: QuadLayout;
  /** Tiles of positions whose columns fit into a texture. */
  readonly tiles: readonly Tile[];
}

/** Lays out the operands; a segment of the input is a piece, which one group and one offset group have in common. */
export function layoutOf(g: DeformGeometry): Layout {
  const taps = g.kernelHeight * g.kernelWidth;
  const groupIn = g.inChannels / g.groups;
  const input = segmentsOf(g.groups, groupIn, greatestCommonDivisor(groupIn, g.inChannels / g.offsetGroups));
  return {
    taps,
    input,
    output: segmentsOf(g.groups, g.outChannels / g.groups),
    image: quadLayout(g.batch * g.inHeight * g.inWidth, g.inChannels, input.groups * input.count),
    tiles: positionTiles(g, 2 * taps * quadsOf(input)),
  };
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));

/** Uniforms of the shaders of a tile. */
export function tileUniforms(g: DeformGeometry, { input }: Layout, { first }: Tile) {
  return { ...g, piece: input.length, pieces: input.groups * input.count, quads: input.quads, start: first };
}
