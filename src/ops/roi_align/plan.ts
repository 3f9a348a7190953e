/** Sampling plan of roiAlign: the mean over a grid of samples in every bin. */
import { ALIGNED, binSamples, spanOf } from '../roi/geometry.js';
import { planGrid } from '../roi/grid.js';
import type { Planner } from '../roi/plan.js';
import type { RoiAlignGeometry } from './kernels.js';

/** Plans the samples of all boxes and bins. */
export const planRoiAlign: Planner<RoiAlignGeometry> = (g, regions) =>
  planGrid(g, regions, false, ({ start, end, size, bins }) => {
    const span = spanOf(start, end, g.spatialScale, g.aligned ? 0.5 : 0);
    const box = g.aligned ? span : { ...span, size: Math.max(span.size, 1) };
    return (builder, bin) => builder.samples({ ...ALIGNED, ...binSamples(box, bins, bin, g.samplingRatio), size });
  });
