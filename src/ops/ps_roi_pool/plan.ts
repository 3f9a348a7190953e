/** Sampling plan of psRoiPool: whole pixels, never the last row or column, with separate channels for each bin. */
import { binPixels, roundedEdge, type RoiGeometry } from '../roi/geometry.js';
import { planGrid } from '../roi/grid.js';
import type { Planner } from '../roi/plan.js';

/** Plans the pixels of all boxes and bins. */
export const planPsRoiPool: Planner<RoiGeometry> = (g, regions) =>
  planGrid(g, regions, true, ({ start, end, size, bins }) => {
    const first = roundedEdge(start, g.spatialScale);
    const pixels = Math.max(roundedEdge(end, g.spatialScale) - first, 1);
    return (builder, bin) => {
      // torchvision clips to size − 1 here, and to size in roiPool.
      const { begin, stop } = binPixels(first, pixels, bins, bin, size - 1);
      return builder.pixels(begin, stop, 1 / (stop - begin));
    };
  });
