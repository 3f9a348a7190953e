/** Numbers of images of a run, and what is remarkable about them. */
import type { JSX } from 'preact';
import { whole } from './format.js';
import type { ImageCounts } from './protocol.js';

/** Ratio of the largest class to the smallest from which they count as unequal. */
const UNEQUAL = 3;

/** Number of test images below which a percentage says little. */
const FEW = 20;

interface ImageCountsProps {
  readonly images: ImageCounts;
  readonly classNames: readonly string[];
}

export function ImageCountsNote({ images, classNames }: ImageCountsProps): JSX.Element {
  return (
    <p class="quiet image-counts">
      {whole(images.train)} images to learn from, {whole(images.test)} to test with, which training never sees.{' '}
      {remarksOn(images, classNames).join(' ')}
    </p>
  );
}

function remarksOn({ test, perClass, copies, contradictions }: ImageCounts, names: readonly string[]): string[] {
  const remarks: string[] = [];
  if (copies > 0) {
    remarks.push(
      copies === 1 ? 'One copy of another image was left out.' : `${copies} copies of other images were left out.`,
    );
  }
  if (contradictions > 0) {
    remarks.push(
      contradictions === 1
        ? 'One image is in two classes: which is it?'
        : `${contradictions} images are in two classes each: which are they?`,
    );
  }
  const [largest, smallest] = [Math.max(...perClass), Math.min(...perClass)];
  if (largest >= UNEQUAL * smallest) {
    const [many, few] = [largest, smallest].map((count) => names[perClass.indexOf(count)]);
    remarks.push(
      `“${many}” has ${(largest / smallest).toFixed(largest < 10 * smallest ? 1 : 0)} times as many images as “${few}”, which favours it.`,
    );
  }
  if (test < FEW) remarks.push(`With ${test} test images, one of them is ${(100 / test).toFixed(0)} %.`);
  return remarks;
}
