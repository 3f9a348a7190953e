/** Sampling plan of roiPool: whole pixels. */
import { binPixels, roundedEdge, type RoiGeometry } from '../roi/geometry.js';
import { planGrid } from '../roi/grid.js';
import type { Planner } from '../roi/plan.js';

/** Plans the pixels of all boxes and bins. */
export const planRoiPool: Planner<RoiGeometry> = (g, regions) =>
  planGrid(g, regions, false, ({ start, end, size, bins }) => {
    const first = roundedEdge(start, g.spatialScale);
    // The box includes its end pixel.
    const pixels = Math.max(roundedEdge(end, g.spatialScale) - first + 1, 1);
    return (builder, bin) => {
      const { begin, stop } = binPixels(first, pixels, bins, bin, size);
      return builder.pixels(begin, stop, 1);
    };
  });
