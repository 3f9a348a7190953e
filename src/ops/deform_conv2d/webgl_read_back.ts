/** The image gradient of deformConv2d for devices that cannot draw it: the column gradients are read back and added on the CPU. */
import type { WebGLCall } from '../../backends/webgl/adapter.js';
import type { Surface } from '../../backends/webgl/program.js';
import type { Tile } from '../../backends/webgl/tiles.js';
import type { DeformGeometry } from './kernels.js';
import { createPlan, planPosition } from './sampling_plan.js';

/** The image gradient, as the next output of the call. */
export interface ImageGradient<Source> {
  /** Adds the column gradients of a tile. */
  add(source: Source, tile: Tile): void;
  finish(): void;
}

/**
 * Starts the image gradient.
 *
 * @param draw computes the column gradients [rows, taps, inChannels] of a tile
 */
export function readBack<Source>(
  call: WebGLCall,
  g: DeformGeometry,
  draw: (source: Source, tile: Tile, target: Surface) => void,
): ImageGradient<Source> {
  const { inChannels, offsetGroups } = g;
  const taps = g.kernelHeight * g.kernelWidth;
  const offsetIn = inChannels / offsetGroups;
  const plan = createPlan(offsetGroups * taps);
  const offset = call.read('offset');
  const mask = g.modulated ? call.read('mask') : undefined;
  const dx = new Float32Array(g.batch * g.inHeight * g.inWidth * inChannels);
  call.upload([g.batch, g.inHeight, g.inWidth, inChannels], dx);
  return {
    add: (source, tile) => {
      const { first, rows } = tile;
      const target = call.flat(rows * taps * inChannels);
      if (target.size === 0) return;
      draw(source, tile, target);
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
