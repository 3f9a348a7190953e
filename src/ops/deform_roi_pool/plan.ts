/** Sampling plan of deformRoiPool: that of roiAlign for an aligned box, with every bin moved by its offset. */
import { ALIGNED, binSamples, moveSpan, spanOf, offsetScaleOf } from '../roi/geometry.js';
import { PlanBuilder, type Planner } from '../roi/plan.js';
import type { DeformRoiPoolGeometry } from './kernels.js';

/** Plans the samples of all boxes and bins, moved by their offsets. */
export const planDeformRoiPool: Planner<DeformRoiPoolGeometry> = (g, { boxes, indices, offset }) => {
  const { outHeight, outWidth, spatialScale, samplingRatio, gamma } = g;
  const builder = new PlanBuilder(g, g.boxCount * outHeight * outWidth, g.inChannels, 1);
  for (let box = 0; box < g.boxCount; box++) {
    const y = spanOf(boxes[box * 4]!, boxes[box * 4 + 2]!, spatialScale, 0.5);
    const x = spanOf(boxes[box * 4 + 1]!, boxes[box * 4 + 3]!, spatialScale, 0.5);
    const [scaleY, scaleX] = [offsetScaleOf(y, gamma), offsetScaleOf(x, gamma)];
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        const element = ((box * outHeight + i) * outWidth + j) * 2;
        const [movedY, movedX] = [
          moveSpan(y, gamma, offset?.[element] ?? 0),
          moveSpan(x, gamma, offset?.[element + 1] ?? 0),
        ];
        const rows = { ...ALIGNED, ...binSamples(movedY, outHeight, i, samplingRatio), size: g.inHeight };
        const columns = { ...ALIGNED, ...binSamples(movedX, outWidth, j, samplingRatio), size: g.inWidth };
        builder.bin(
          builder.samples({ ...rows, offsetScale: scaleY }),
          builder.samples({ ...columns, offsetScale: scaleX }),
          indices[box]!,
          0,
          element,
        );
      }
    }
  }
  return builder.finish();
};
