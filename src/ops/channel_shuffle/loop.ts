/** channelShuffle as a loop over memory, shared by the cpu and wasm kernels. */
import type { ShuffleSizes } from './kernels.js';

/** Fills y in memory order, with the group as the fastest index. */
export function shuffle({ channels, groups }: ShuffleSizes, x: Float32Array, y: Float32Array): void {
  const size = channels / groups;
  for (let pixel = 0; pixel < y.length; pixel += channels) {
    let to = pixel;
    for (let c = 0; c < size; c++) {
      for (let from = pixel + c; from < pixel + channels; from += size) y[to++] = x[from]!;
    }
  }
}
