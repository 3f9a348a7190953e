/** Sampling plan of deformPsRoiPool: the mean of the samples inside the image, with offsets per class. */
import { roundHalfAway, spanOf, type Span } from '../roi/geometry.js';
import { PlanBuilder, type Planner, type Sampling } from '../roi/plan.js';
import type { DeformPsRoiPoolGeometry } from './kernels.js';

/** Smallest size of a box, in feature map pixels. */
const SMALLEST = 0.1;

/** Plans the samples of all boxes, classes and bins. */
export const planDeformPsRoiPool: Planner<DeformPsRoiPoolGeometry> = (g, { boxes, indices, offset }) => {
  const { outHeight, outWidth, outChannels, groupSize, partSize, classes } = g;
  const classChannels = outChannels / classes;
  const groups = groupSize * groupSize;
  const builder = new PlanBuilder(g, g.boxCount * outHeight * outWidth * classes, classChannels, groups);
  // The box includes its end pixel.
  const spanOfBox = (start: number, end: number): Span => {
    const span = spanOf(roundHalfAway(start), roundHalfAway(end) + 1, g.spatialScale, 0.5);
    return { ...span, size: Math.max(span.size, SMALLEST) };
  };
  const sampling = ({ start, size }: Span, bins: number, bin: number, pixels: number, shift: number): Sampling => {
    const offsetScale = g.transStd * size;
    const parts = bins * g.samplesPerPart;
    // From the edge of the bin itself, not the centre of its first part. A single division, so that a sample exactly on
    // an edge stays there.
    const at = (index: number): number =>
      start + offsetScale * shift + ((bin * g.samplesPerPart + index) * size) / parts;
    return {
      count: g.samplesPerPart,
      step: size / parts,
      at,
      size: pixels,
      margin: 0.5,
      countOutside: false,
      offsetScale,
    };
  };
  for (let box = 0; box < g.boxCount; box++) {
    const y = spanOfBox(boxes[box * 4]!, boxes[box * 4 + 2]!);
    const x = spanOfBox(boxes[box * 4 + 1]!, boxes[box * 4 + 3]!);
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        const part = (box * partSize + partOf(i, outHeight, partSize)) * partSize + partOf(j, outWidth, partSize);
        const group = partOf(i, outHeight, groupSize) * groupSize + partOf(j, outWidth, groupSize);
        for (let owner = 0; owner < classes; owner++) {
          const element = (part * classes + owner) * 2;
          builder.bin(
            builder.samples(sampling(y, outHeight, i, g.inHeight, offset?.[element] ?? 0)),
            builder.samples(sampling(x, outWidth, j, g.inWidth, offset?.[element + 1] ?? 0)),
            indices[box]!,
            owner * classChannels * groups + group,
            element,
          );
        }
      }
    }
  }
  return builder.finish();
};

/** Index of the part that a bin belongs to, of `parts` equal parts of an axis with `bins` bins. */
function partOf(bin: number, bins: number, parts: number): number {
  return Math.floor((bin * parts) / bins);
}
