/** The image gradient of deformConv2d with a full filter on WebGL: each sample is drawn as a square of the planes. */
import type { WebGLCall } from '../../backends/webgl/adapter.js';
import { outputQuads } from '../../backends/webgl/channel_quads.js';
import { inputsOf, type Fours } from '../../backends/webgl/line_products.js';
import { quadsOf } from '../../backends/webgl/lines.js';
import type { Surface } from '../../backends/webgl/program.js';
import type { DeformGeometry } from './kernels.js';
import { tileUniforms, type Layout } from './webgl_dense_layout.js';
import { denseColumnsShader, denseScatterShader } from './webgl_dense_shaders.js';
import { samplesOf } from './webgl_plan.js';
import { imageShader, planesOf } from './webgl_planes.js';
import { readBack, type ImageGradient } from './webgl_read_back.js';

/**
 * Starts the image gradient, as the next output of the call; its sources are products, the gradients of the columns. If the
 * device cannot draw the planes, they are read back and added on the CPU.
 */
export function denseImageGradient(
  call: WebGLCall,
  g: DeformGeometry,
  layout: Layout,
  plan: Surface,
): ImageGradient<Fours> {
  const quads = quadsOf(layout.input) / g.offsetGroups;
  const planes = planesOf(call, g, quads);
  if (planes === undefined) {
    return readBack(call, g, (columns, tile, target) => {
      call.draw(denseColumnsShader, { inputs: inputsOf(columns), ints: tileUniforms(g, layout, tile), target });
    });
  }
  const { side, across, down } = planes;
  const dx = outputQuads(call, [g.batch, g.inHeight, g.inWidth, g.inChannels], layout.image);
  const target = call.grid(down * (g.inHeight + 2) * side, across * (g.inWidth + 2) * side);
  call.clear(target);
  return {
    add: (columns, tile) => {
      const ints = { ...tileUniforms(g, layout, tile), side, across, squareSize: 2 * side };
      const draw = { inputs: { plan, ...inputsOf(columns) }, ints, target };
      call.drawAdded(denseScatterShader, draw, tile.rows * samplesOf(g));
    },
    finish: () => {
      const ints = { ...g, quads, side, across };
      call.draw(imageShader, { inputs: { planes: target }, ints, target: dx.quads });
      call.release(target);
      dx.finish();
    },
  };
}
