/** Sampling plan of psRoiAlign: that of roiAlign for an aligned box, with separate channels for each bin. */
import { ALIGNED, binSamples, spanOf, type SampledRoiGeometry } from '../roi/geometry.js';
import { planGrid } from '../roi/grid.js';
import type { Planner } from '../roi/plan.js';

/** Plans the samples of all boxes and bins. */
export const planPsRoiAlign: Planner<SampledRoiGeometry> = (g, regions) =>
  planGrid(g, regions, true, ({ start, end, size, bins }) => {
    const box = spanOf(start, end, g.spatialScale, 0.5);
    return (builder, bin) => builder.samples({ ...ALIGNED, ...binSamples(box, bins, bin, g.samplingRatio), size });
  });
