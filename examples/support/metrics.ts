/** How good pictures are: agreement of masks, and distance of images. */

/**
 * Mean over the classes of intersection over union, of all pixels together; a class that is nowhere does not count.
 *
 * @param found a class for each pixel
 * @param truth as many
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
 * @param found pixels from 0 to 1, image after image; what lies outside is clipped
 * @param truth as many
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
