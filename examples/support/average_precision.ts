/**
 * Mean average precision of a detector, as PASCAL VOC has defined it since 2010: the area under the interpolated
 * precision, the maximum at each recall or beyond. M. Everingham et al., "The PASCAL Visual Object Classes Challenge"
 * (2010/2015).
 */
import { overlap, type Box } from './boxes.js';

/** An object of an image. */
export interface Labelled extends Box {
  readonly label: number;
}

/** One detection. */
export interface Detection extends Labelled {
  readonly score: number;
}

/**
 * Computes the mean average precision over all classes that occur.
 *
 * A detection is correct if it overlaps an object of its class by at least `threshold` and no detection of a higher
 * score has already matched that object; the object is the one with the largest overlap.
 *
 * @param detections detections of every image
 * @param truth all objects of every image
 * @param threshold minimum overlap (intersection over union)
 * @returns from 0 to 1
 */
export function meanAveragePrecision(
  detections: readonly (readonly Detection[])[],
  truth: readonly (readonly Labelled[])[],
  threshold: number,
): number {
  const labels = [...new Set(truth.flat().map(({ label }) => label))];
  const precisions = labels.map((wanted) =>
    averagePrecision(
      detections.map((image) => image.filter(({ label }) => label === wanted)),
      truth.map((image) => image.filter(({ label }) => label === wanted)),
      threshold,
    ),
  );
  return precisions.reduce((sum, precision) => sum + precision, 0) / precisions.length;
}

/** Average precision of one class. */
function averagePrecision(
  detections: readonly (readonly Detection[])[],
  truth: readonly (readonly Box[])[],
  threshold: number,
): number {
  const objects = truth.reduce((sum, image) => sum + image.length, 0);
  const taken = truth.map((image) => image.map(() => false));
  const ranked = detections
    .flatMap((image, index) => image.map((detection) => ({ detection, index })))
    .sort((a, b) => b.detection.score - a.detection.score);
  let right = 0;
  const curve = ranked.map(({ detection, index }, rank) => {
    const overlaps = truth[index]!.map((object) => overlap(detection, object));
    const best = overlaps.indexOf(Math.max(...overlaps));
    if (best >= 0 && overlaps[best]! >= threshold && !taken[index]![best]!) {
      taken[index]![best] = true;
      right++;
    }
    return { recall: right / objects, precision: right / (rank + 1) };
  });
  let area = 0;
  let reached = 0;
  for (let rank = curve.length - 1; rank >= 0; rank--) {
    const { recall, precision } = curve[rank]!;
    reached = Math.max(reached, precision);
    area += (recall - (curve[rank - 1]?.recall ?? 0)) * reached;
  }
  return area;
}

/** Mean average precision at overlaps of 0.5 and of 0.7, as tables show them. */
export function precisionOf(
  detections: readonly (readonly Detection[])[],
  truth: readonly (readonly Labelled[])[],
): string[] {
  return [0.5, 0.7].map((least) => `${(100 * meanAveragePrecision(detections, truth, least)).toFixed(1)} %`);
}
