/**
 * deformConv2d with a full filter on WebGL: lines of bilinear columns, tile by tile, and their products with the packed filter.
 */
import type { WebGLCall } from '../../backends/webgl/adapter.js';
import { inputQuads } from '../../backends/webgl/channel_quads.js';
import { holeOf } from '../../backends/webgl/hole.js';
import { takeLanes } from '../../backends/webgl/lanes.js';
import { FilterGradient } from '../../backends/webgl/line_filter_gradients.js';
import {
  inputsOf,
  multiplyLines,
  pointwise,
  productOutput,
  unpackFours,
  type ProductWindow,
} from '../../backends/webgl/line_products.js';
import { lineSource, packFilterLines, packLines, type LineSource } from '../../backends/webgl/lines.js';
import type { Surface } from '../../backends/webgl/program.js';
import type { Tile } from '../../backends/webgl/tiles.js';
import type { DeformGeometry } from './kernels.js';
import { layoutOf, tileUniforms, type Layout } from './webgl_dense_layout.js';
import { columnsShader, sampleGradientsShader } from './webgl_dense_shaders.js';
import { denseImageGradient } from './webgl_dense_scatter.js';
import { planOf, samplesOf } from './webgl_plan.js';

/** Sources of the columns: quads of the image, and the samples. */
type Sampled = Readonly<Record<'image' | 'plan', Surface>>;

function sampledOf(call: WebGLCall, g: DeformGeometry, { image }: Layout): Sampled {
  return { image: inputQuads(call, 'x', image), plan: planOf(call, g) };
}

/** The upstream gradient as a row of positions. */
function upstreamOf(call: WebGLCall, g: DeformGeometry, { output }: Layout): LineSource {
  return lineSource(call, 'dy', { batch: 1, height: 1, width: g.batch * g.outHeight * g.outWidth }, output);
}

/** Lines of the upstream gradient of a tile. */
function packUpstream(call: WebGLCall, dy: LineSource, { first, rows }: Tile): Surface {
  return packLines(call, dy, { image: 0, images: 1, top: 0, rows: 1, left: first, columns: rows });
}

/** Lines of the columns of a tile. */
function sampleColumns(call: WebGLCall, sampled: Sampled, g: DeformGeometry, layout: Layout, tile: Tile): Surface {
  const { taps, input } = layout;
  const lines = taps * input.groups * input.count;
  const target = call.lines(tile.rows * lines, input.quads, lines);
  const ints = tileUniforms(g, layout, tile);
  call.draw(columnsShader, { inputs: sampled, ints, floats: holeOf(call.precise), target });
  return target;
}

/** Columns as an image of one row, in which each position has one pixel for each tap. */
function columnsWindow(positions: number, taps: number): ProductWindow {
  return { ...pointwise(positions), windowColumns: positions * taps, stepWidth: taps, kernelWidth: taps };
}

/** Computes y as the next output of the call. */
export function denseForward(call: WebGLCall, g: DeformGeometry, biased: boolean): void {
  const layout = layoutOf(g);
  const { taps, input, output, tiles } = layout;
  const sampled = sampledOf(call, g, layout);
  const filter = packFilterLines(call, call.input('filter'), taps, 'in', input, output);
  const bias = biased ? call.input('bias') : undefined;
  const y = productOutput(call, [g.batch, g.outHeight, g.outWidth, g.outChannels], output);
  const { hole } = holeOf(call.precise);
  for (const tile of tiles) {
    const columns = sampleColumns(call, sampled, g, layout, tile);
    const window = columnsWindow(tile.rows, taps);
    const product = multiplyLines(call, columns, filter, window, input, output.count * output.quads, hole);
    unpackFours(call, product, window, output, y, { width: tile.rows, rows: 1, first: tile.first }, bias);
    call.release(columns, ...product);
  }
}

/** Computes dx, doffset and, if there is a mask, dmask as the next outputs of the call. */
export function denseBackwardData(call: WebGLCall, g: DeformGeometry): void {
  const layout = layoutOf(g);
  const { taps, input, output, tiles } = layout;
  const samples = samplesOf(g);
  const outputGrid = [g.batch, g.outHeight, g.outWidth];
  const sampled = sampledOf(call, g, layout);
  const dy = upstreamOf(call, g, layout);
  const filter = packFilterLines(call, call.input('filter'), taps, 'out', output, input);
  const dx = denseImageGradient(call, g, layout, sampled.plan);
  const doffset = call.output([...outputGrid, samples * 2]);
  const dmask = g.modulated ? call.output([...outputGrid, samples]) : undefined;
  for (const tile of tiles) {
    const { first, rows } = tile;
    const upstream = packUpstream(call, dy, tile);
    const columns = multiplyLines(call, upstream, filter, pointwise(rows), output, taps * input.count * input.quads);
    const gradients = call.quads(rows * samples);
    const ints = tileUniforms(g, layout, tile);
    call.draw(sampleGradientsShader, { inputs: { ...sampled, ...inputsOf(columns) }, ints, target: gradients });
    const range = [first * samples, (first + rows) * samples] as const;
    takeLanes(call, gradients, { lane: 0, count: 2 }, doffset, range);
    if (dmask !== undefined) takeLanes(call, gradients, { lane: 2, count: 1 }, dmask, range);
    dx.add(columns, tile);
    call.release(upstream, gradients, ...columns);
  }
  dx.finish();
}

/** Computes dfilter as the next output of the call. */
export function denseBackwardFilter(call: WebGLCall, g: DeformGeometry): void {
  const layout = layoutOf(g);
  const { taps, input, output, tiles } = layout;
  const sampled = sampledOf(call, g, layout);
  const dy = upstreamOf(call, g, layout);
  const dfilter = call.output([g.kernelHeight, g.kernelWidth, g.inChannels / g.groups, g.outChannels]);
  const gradient = new FilterGradient(call, taps, input, output);
  const { hole } = holeOf(call.precise);
  tiles.forEach((tile, index) => {
    const columns = sampleColumns(call, sampled, g, layout, tile);
    const upstream = packUpstream(call, dy, tile);
    const target = index === tiles.length - 1 ? dfilter : undefined;
    gradient.add(columns, upstream, columnsWindow(tile.rows, taps), target, hole);
    call.release(columns, upstream);
  });
}
