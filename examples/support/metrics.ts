/** Image metrics: intersection over union of masks, and signal-to-noise ratio. */

/**
 * Mean intersection over union over the classes, of all pixels together; a class that does not occur is not counted.
 *
 * @param found a class for each pixel
 * @param truth true class of each pixel
 */
export function meanIoU(found: ArrayLike<number>, truth: ArrayLike<number>, classes: number): number {
  const [both, either] = [new Float64Array(classes), new Float64Array(classes)];
  for (let i = 0; i < truth.length; i++) {
    either[truth[i]!]!++;
    if (found[i] === truth[i]) both[truth[i]!]!++;
    else either[found[i]!]!++;
  }
  const present = [...either.keys()].filter((label) => either[label]! > 0);
  return present.reduce((sum, label) => sum + both[label]! / either[label]!, 0) / present.length;
}

/**
 * Mean over images of the peak signal-to-noise ratio in decibels, −10·log₁₀ of the mean squared error.
 *
 * @param found pixels from 0 to 1, image after image; values outside are clipped
 * @param truth true pixels
 */
export function meanPsnr(found: ArrayLike<number>, truth: ArrayLike<number>, pixelsPerImage: number): number {
  const images = truth.length / pixelsPerImage;
  let sum = 0;
  for (let image = 0; image < images; image++) {
    let squares = 0;
    for (let i = image * pixelsPerImage; i < (image + 1) * pixelsPerImage; i++) {
      squares += (Math.min(Math.max(found[i]!, 0), 1) - truth[i]!) ** 2;
    }
    sum -= 10 * Math.log10(squares / pixelsPerImage);
  }
  return sum / images;
}
