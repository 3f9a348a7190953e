import type { EpochRecord } from '../training/epoch_record.js';
import type { Images } from '../training/image_source.js';
import { onStdout } from './colors.js';
import { count, percent } from './format.js';

/** The line about the test images at the end of a run. */
export function resultLine({ testAccuracy, testLoss, metrics = {} }: EpochRecord, test: Images): string {
  const total = test.labels.length;
  const accuracy = onStdout.bold(`test accuracy ${percent(testAccuracy, 2)}`);
  const loss = `loss ${testLoss.toFixed(3)}`;
  if (test.masks) return `${accuracy} of the pixels, mean IoU ${percent(metrics['meanIou']!, 2)}, ${loss}`;
  if (!test.multiHot) return `${accuracy} (${count(Math.round(testAccuracy * total))} of ${count(total)}), ${loss}`;
  const { meanAveragePrecision = NaN } = metrics;
  return `${accuracy} of the labels of ${count(total)} images, mean average precision ${percent(meanAveragePrecision, 2)}, ${loss}`;
}
