import * as tf from '@tensorflow/tfjs';
import type { Dataset } from './dataset.js';
import { maskTruth } from './masks.js';
import { oneHot } from './one_hot.js';

/**
 * Classes of a batch as zeros and ones: [batch, classes] or, with masks, [batch, height, width, classes], with zeros where there
 * is no class.
 */
export function truthTensor({
  labels,
  masks,
  multiHot,
  classNames: { length: classes },
}: Omit<Dataset, 'images'>): tf.Tensor {
  if (masks) return tf.tensor4d(maskTruth(masks, classes), [labels.length, masks.height, masks.width, classes]);
  const rows = multiHot ? Float32Array.from(multiHot) : oneHot(labels, classes);
  return tf.tensor2d(rows, [labels.length, classes]);
}
