/** Turns box predictions of a network into detections. */
import * as tf from '@tensorflow/tfjs';
import type { Detection } from './average_precision.js';
import { decode, type Box, type BoxOffset } from './boxes.js';

/** Minimum score of a detection. */
const LEAST_SCORE = 0.02;
/** Overlap above which the detection with the lower score is suppressed, per class. */
const SAME = 0.45;
const MOST = 20;

/**
 * Computes the detections of one image.
 *
 * @param probabilities [boxes, classes], class 0 for background
 * @param offsets [boxes, 4]
 * @param from reference boxes of the offsets
 * @param size height and width of the image
 */
export function detect(
  probabilities: tf.Tensor2D,
  offsets: tf.Tensor2D,
  from: readonly Box[],
  size: number,
): Detection[] {
  const classes = probabilities.shape[1];
  const [chances, shifts] = [probabilities.dataSync(), offsets.dataSync()];
  const boxes = from.map((box, index) => {
    const offset = shifts.subarray(4 * index, 4 * index + 4) as unknown as BoxOffset;
    return decode(offset, box, size);
  });
  const corners = tf.tensor2d(boxes.map(({ y1, x1, y2, x2 }) => [y1, x1, y2, x2]));
  const found = Array.from({ length: classes - 1 }, (_, index) => index + 1).flatMap((label) => {
    const scores = Float32Array.from(boxes, (_, index) => chances[index * classes + label]!);
    const kept = tf.tidy(() => tf.image.nonMaxSuppression(corners, scores, MOST, SAME, LEAST_SCORE).dataSync());
    return Array.from(kept, (index) => ({ ...boxes[index]!, label, score: scores[index]! }));
  });
  corners.dispose();
  return found;
}
