/**
 * The image gradient of deformConv2d on WebGL; of a depthwise one only where webgl_depthwise.ts leaves it to this file.
 * Every sample adds to four pixels anywhere in the image: one point is drawn at the pixel of each corner for every four
 * channels (src/backends/webgl/scatter.ts). If the device cannot blend floats, the column gradients are read back and
 * added on the CPU.
 */
import type { WebGLCall } from '../../backends/webgl/adapter.js';
import type { Surface } from '../../backends/webgl/program.js';
import { canBlend } from '../../backends/webgl/scatter.js';
import type { Tile } from '../../backends/webgl/tiles.js';
import type { DeformGeometry } from './kernels.js';
import { createPlan, planPosition } from './sampling_plan.js';
import { uniformsOf } from './webgl_samples.js';
import { columnsShader, imageShader, scatterShader } from './webgl_shaders.js';

/** Textures from which the column gradients of a tile are computed. */
export type ColumnSource = Readonly<Record<'columns' | 'upstream' | 'weights', Surface>>;

/** The image gradient, as the next output of the call. */
export interface ImageGradient {
  add(source: ColumnSource, tile: Tile): void;
  finish(): void;
}

/** Starts the image gradient: blended on the device if it can blend floats, otherwise on the CPU. */
export function imageGradient(
  call: WebGLCall,
  g: DeformGeometry,
  sampled: Readonly<Record<'offset' | 'mask', Surface>>,
): ImageGradient {
  return canBlend(call) ? blended(call, g, sampled) : readBack(call, g);
}

function blended(
  call: WebGLCall,
  g: DeformGeometry,
  { offset, mask }: Readonly<Record<'offset' | 'mask', Surface>>,
): ImageGradient {
  const dx = call.output([g.batch, g.inHeight, g.inWidth, g.inChannels]);
  const samples = g.offsetGroups * g.kernelHeight * g.kernelWidth;
  const quads = Math.ceil(g.inChannels / g.offsetGroups / 4);
  const fours = call.texels(g.batch * g.inHeight * g.inWidth * g.offsetGroups * quads);
  call.clear(fours);
  return {
    add: (source, { first, rows }) => {
      const ints = { ...uniformsOf(g), first, quads };
      call.drawAdded(
        scatterShader,
        { inputs: { offset, mask, ...source }, ints, target: fours },
        rows * samples * quads * 4,
      );
    },
    finish: () => {
      call.draw(imageShader, { inputs: { fours }, ints: { ...g, quads }, target: dx });
      call.release(fours);
    },
  };
}

function readBack(call: WebGLCall, g: DeformGeometry): ImageGradient {
  const { inChannels, offsetGroups } = g;
  const taps = g.kernelHeight * g.kernelWidth;
  const offsetIn = inChannels / offsetGroups;
  const plan = createPlan(offsetGroups * taps);
  const offset = call.read('offset');
  const mask = g.modulated ? call.read('mask') : undefined;
  const dx = new Float32Array(g.batch * g.inHeight * g.inWidth * inChannels);
  call.upload([g.batch, g.inHeight, g.inWidth, inChannels], dx);
  return {
    add: (source, { first, rows }) => {
      const target = call.flat(rows * taps * inChannels);
      if (target.size === 0) return;
      call.draw(columnsShader, { inputs: source, ints: { ...uniformsOf(g), first }, target });
      const columns = call.readScratch(target);
      for (let row = 0; row < rows; row++) {
        const position = first + row;
        planPosition(plan, g, offset, position);
        for (let s = 0; s < offsetGroups * taps; s++) {
          if (plan.inside[s] === 0) continue;
          const group = Math.floor(s / taps);
          const from = (row * taps + (s % taps)) * inChannels;
          const modulation = mask === undefined ? 1 : mask[position * offsetGroups * taps + s]!;
          for (let corner = s * 4; corner < s * 4 + 4; corner++) {
            const weight = modulation * plan.cornerWeights[corner]!;
            const to = plan.corners[corner]! * inChannels;
            for (let c = group * offsetIn; c < (group + 1) * offsetIn; c++) dx[to + c]! += weight * columns[from + c]!;
          }
        }
      }
      call.release(target);
    },
    finish: () => undefined,
  };
}
