/** Windows of a convolution and of its adjoint, tile by tile: the pixels to pack, and the products over them. */
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { ProductWindow } from './line_products.js';
import type { ImageWindow } from './lines.js';
import { rowTiles, type RowTile } from './row_tiles.js';

/** Tile of a product. */
export interface ConvolutionTile extends RowTile {
  /** Pixels that it reads. */
  readonly source: ImageWindow;
  readonly window: ProductWindow;
}

/** Tiles of the output rows of a convolution. */
export function outputTiles(g: ConvGeometry, pixelTexels: number, outputTexels: number): ConvolutionTile[] {
  const { strideHeight, strideWidth, outHeight, outWidth, kernelHeight, kernelWidth } = g;
  const [tapHeight, tapWidth] = [g.dilationHeight, g.dilationWidth];
  const rowsOf = (rows: number): number => (rows - 1) * strideHeight + (kernelHeight - 1) * tapHeight + 1;
  const columns = (outWidth - 1) * strideWidth + (kernelWidth - 1) * tapWidth + 1;
  const texelsOf = (rows: number): number =>
    rowsOf(rows) * columns * pixelTexels + (rows * outWidth * outputTexels) / 4;
  return rowTiles(g.batch, outHeight, texelsOf).map((tile) => {
    const { image, images, row, rows } = tile;
    const windowRows = rowsOf(rows);
    return {
      ...tile,
      source: { image, images, top: row * strideHeight - g.padTop, rows: windowRows, left: -g.padLeft, columns },
      window: {
        ...{ images, gridHeight: rows, gridWidth: outWidth, windowRows, windowColumns: columns },
        ...{ stepHeight: strideHeight, stepWidth: strideWidth, phaseHeight: 1, phaseWidth: 1 },
        ...{ originTop: 0, originLeft: 0, kernelHeight, kernelWidth, tapHeight, tapWidth },
      },
    };
  });
}

/**
 * Tiles of the adjoint; their rows are those of the output that begin with the same phase. Input position y = stride · i + p takes from the output
 * position (y + padding − a · dilation) / stride of each tap a, if that is a whole number.
 */
export function inputTiles(g: ConvGeometry, pixelTexels: number, outputTexels: number): ConvolutionTile[] {
  const height = adjointAxis(g.inHeight, g.kernelHeight, g.strideHeight, g.dilationHeight, g.padTop);
  const width = adjointAxis(g.inWidth, g.kernelWidth, g.strideWidth, g.dilationWidth, g.padLeft);
  const [phaseHeight, phaseWidth] = [g.strideHeight, g.strideWidth];
  const columns = width.grid + width.reach;
  const texelsOf = (rows: number): number =>
    (rows + height.reach) * columns * pixelTexels + (rows * phaseHeight * width.grid * phaseWidth * outputTexels) / 4;
  return rowTiles(g.batch, height.grid, texelsOf).map((tile) => {
    const { image, images, row, rows } = tile;
    const windowRows = rows + height.reach;
    return {
      ...tile,
      source: { image, images, top: row + height.first, rows: windowRows, left: width.first, columns },
      window: {
        ...{ images, gridHeight: rows, gridWidth: width.grid, windowRows, windowColumns: columns },
        ...{ stepHeight: 1, stepWidth: 1, phaseHeight, phaseWidth },
        ...{ originTop: height.origin, originLeft: width.origin },
        ...{ kernelHeight: g.kernelHeight, kernelWidth: g.kernelWidth },
        ...{ tapHeight: -g.dilationHeight, tapWidth: -g.dilationWidth },
      },
    };
  });
}

function adjointAxis(size: number, kernel: number, stride: number, dilation: number, padding: number) {
  // Output position that the last tap of input position 0 reads.
  const first = Math.floor((padding - (kernel - 1) * dilation) / stride);
  const origin = padding - first * stride;
  return { grid: Math.ceil(size / stride), first, origin, reach: Math.floor((stride - 1 + origin) / stride) };
}
