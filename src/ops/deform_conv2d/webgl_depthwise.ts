/** Depthwise deformConv2d on WebGL: without columns, four channels a fragment. */
import type { WebGLCall } from '../../backends/webgl/adapter.js';
import { takeLanes } from '../../backends/webgl/lanes.js';
import type { Surface } from '../../backends/webgl/program.js';
import { inputQuads, outputQuads, quadLayout, type QuadLayout } from '../../backends/webgl/channel_quads.js';
import { chunksOf, sumQuads } from '../../backends/webgl/sums.js';
import { positionTiles } from '../../backends/webgl/tiles.js';
import type { DeformGeometry } from './kernels.js';
import {
  depthwiseColumnsShader,
  depthwiseFilterShader,
  depthwiseSamplesShader,
  depthwiseScatterShader,
  depthwiseShader,
} from './webgl_depthwise_shaders.js';
import { planOf, samplesOf } from './webgl_plan.js';
import { imageShader, planesOf } from './webgl_planes.js';
import { readBack } from './webgl_read_back.js';

/**
 * Quads of the image, filter, bias and output. With a multiplier, each output channel has an image channel of its own: the
 * image's are repeated, and their gradients summed.
 */
function layoutsOf(g: DeformGeometry): Readonly<Record<'image' | 'filter' | 'bias' | 'output', QuadLayout>> {
  const { inChannels, outChannels, offsetGroups } = g;
  return {
    image: quadLayout(g.batch * g.inHeight * g.inWidth, outChannels, offsetGroups, outChannels / inChannels),
    filter: quadLayout(g.kernelHeight * g.kernelWidth, outChannels, offsetGroups),
    bias: quadLayout(1, outChannels, offsetGroups),
    output: quadLayout(g.batch * g.outHeight * g.outWidth, outChannels, offsetGroups),
  };
}

/** Computes y as the next output of the call. */
export function depthwiseForward(call: WebGLCall, g: DeformGeometry, biased: boolean): void {
  const layouts = layoutsOf(g);
  const weights = inputQuads(call, 'filter', layouts.filter);
  const inputs = {
    plan: planOf(call, g),
    image: inputQuads(call, 'x', layouts.image),
    weights,
    bias: biased ? inputQuads(call, 'bias', layouts.bias) : weights,
  };
  const y = outputQuads(call, [g.batch, g.outHeight, g.outWidth, g.outChannels], layouts.output);
  const ints = { ...g, quads: layouts.output.quads, biased: biased ? 1 : 0 };
  call.draw(depthwiseShader, { inputs, ints, target: y.quads });
  y.finish();
}

/** Computes dfilter as the next output of the call. */
export function depthwiseBackwardFilter(call: WebGLCall, g: DeformGeometry): void {
  const layouts = layoutsOf(g);
  const { filter, output } = layouts;
  const inputs = {
    plan: planOf(call, g),
    image: inputQuads(call, 'x', layouts.image),
    upstream: inputQuads(call, 'dy', output),
  };
  const dfilter = call.output([g.kernelHeight, g.kernelWidth, 1, g.outChannels]);
  const chunks = chunksOf(output.pixels);
  const partial = call.quads(chunks.count * filter.pixels * filter.groups * filter.quads);
  const ints = { ...g, ...chunks, quads: filter.quads };
  call.draw(depthwiseFilterShader, { inputs, ints, target: partial });
  sumQuads(call, partial, chunks, filter, dfilter);
}

/** Computes dx, doffset and, if there is a mask, dmask as the next outputs of the call. */
export function depthwiseBackwardData(call: WebGLCall, g: DeformGeometry): void {
  const layouts = layoutsOf(g);
  const { quads } = layouts.output;
  const plan = planOf(call, g);
  const upstream = inputQuads(call, 'dy', layouts.output);
  const weights = inputQuads(call, 'filter', layouts.filter);
  imageOutput(call, g, layouts.image, { plan, upstream, weights });
  const samples = samplesOf(g);
  const outputGrid = [g.batch, g.outHeight, g.outWidth];
  const doffset = call.output([...outputGrid, samples * 2]);
  const dmask = g.modulated ? call.output([...outputGrid, samples]) : undefined;
  const image = inputQuads(call, 'x', layouts.image);
  // The largest texture of a tile has one texel per sample.
  for (const { first, rows } of positionTiles(g, 2 * samples)) {
    const gradients = call.quads(rows * samples);
    const inputs = { plan, image, upstream, weights };
    call.draw(depthwiseSamplesShader, { inputs, ints: { ...g, quads, first }, target: gradients });
    const range = [first * samples, (first + rows) * samples] as const;
    takeLanes(call, gradients, { lane: 0, count: 2 }, doffset, range);
    if (dmask !== undefined) takeLanes(call, gradients, { lane: 2, count: 1 }, dmask, range);
    call.release(gradients);
  }
}

/** The image gradient: each sample is drawn as a square of the planes, or else added on the CPU. */
function imageOutput(
  call: WebGLCall,
  g: DeformGeometry,
  layout: QuadLayout,
  inputs: Readonly<Record<'plan' | 'upstream' | 'weights', Surface>>,
): void {
  const { quads } = layout;
  const planes = planesOf(call, g, quads);
  if (planes === undefined) {
    const [upstream, weights] = [call.input('dy'), call.input('filter')];
    const dx = readBack(call, g, (_: undefined, { first }, target) => {
      call.draw(depthwiseColumnsShader, { inputs: { upstream, weights }, ints: { ...g, first }, target });
    });
    const columns = g.kernelHeight * g.kernelWidth * g.inChannels;
    for (const tile of positionTiles(g, 2 * columns)) dx.add(undefined, tile);
    dx.finish();
    return;
  }
  const { side, across, down } = planes;
  const dx = outputQuads(call, [g.batch, g.inHeight, g.inWidth, g.inChannels], layout);
  const target = call.grid(down * (g.inHeight + 2) * side, across * (g.inWidth + 2) * side);
  call.clear(target);
  const ints = { ...g, quads, side, across };
  const samples = g.batch * g.outHeight * g.outWidth * samplesOf(g);
  call.drawAdded(depthwiseScatterShader, { inputs, ints: { ...ints, squareSize: 2 * side }, target }, samples);
  call.draw(imageShader, { inputs: { planes: target }, ints, target: dx.quads });
  call.release(target);
  dx.finish();
}
