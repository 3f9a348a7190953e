/** The digits of scenes: a test image of each class, white on black. */
import type { Dataset } from 'tfjs-convolutions/training';
import { fetchChecked } from '../../shared/fetch_checked.js';

const SIDE = 28;

/**
 * @param addresses URL of each image
 * @throws Error if one does not load
 */
export async function loadDigits(addresses: readonly string[]): Promise<Dataset> {
  const images = new Uint8Array(addresses.length * SIDE ** 2);
  const context = new OffscreenCanvas(SIDE, SIDE).getContext('2d', { willReadFrequently: true })!;
  await Promise.all(
    addresses.map(async (address, digit) => {
      const response = await fetchChecked(address, 'A digit');
      const bitmap = await createImageBitmap(await response.blob());
      context.drawImage(bitmap, 0, 0);
      bitmap.close();
      const { data } = context.getImageData(0, 0, SIDE, SIDE);
      for (let pixel = 0; pixel < SIDE ** 2; pixel++) images[digit * SIDE ** 2 + pixel] = data[4 * pixel]!;
    }),
  );
  return {
    images,
    labels: Int32Array.from(addresses.keys()),
    height: SIDE,
    width: SIDE,
    channels: 1,
    classNames: addresses.map((_, digit) => String(digit)),
  };
}
