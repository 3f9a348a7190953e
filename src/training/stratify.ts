/**
 * Splits of images with several labels: K. Sechidis et al., "On the Stratification of Multi-label Data" (2011), section 3.2.
 */

/**
 * Divides images so that each class has about its wanted number among the test images: the images of the class with the
 * fewest left go, one by one, to the part that lacks most of the class.
 *
 * @param order indices of the images, in random order
 * @param multiHot classes of the images, [count, classes] of 0 and 1
 * @param counts number of images of each class
 * @param wanted number of test images of each class
 */
export function stratify(
  order: Uint32Array,
  multiHot: Uint8Array,
  counts: readonly number[],
  wanted: readonly number[],
): { readonly train: number[]; readonly test: number[] } {
  const classes = counts.length;
  const isTest = new Uint8Array(order.length);
  const isPlaced = new Uint8Array(order.length);
  const left = [...counts];
  const lacking = { test: [...wanted], train: counts.map((count, index) => count - wanted[index]!) };
  const has = (image: number, index: number): boolean => multiHot[image * classes + index] === 1;
  for (;;) {
    let rarest = -1;
    left.forEach((count, index) => {
      if (count > 0 && (rarest < 0 || count < left[rarest]!)) rarest = index;
    });
    if (rarest < 0) break;
    for (const image of order) {
      if (isPlaced[image] === 1 || !has(image, rarest)) continue;
      isPlaced[image] = 1;
      const part = lacking.test[rarest]! > lacking.train[rarest]! ? 'test' : 'train';
      if (part === 'test') isTest[image] = 1;
      for (let index = 0; index < classes; index++) {
        if (!has(image, index)) continue;
        left[index]!--;
        lacking[part][index]!--;
      }
    }
  }
  // Images without any class.
  const others = order.filter((image) => isPlaced[image] === 0);
  others.subarray(0, Math.round(others.length * TEST_FRACTION)).forEach((image) => (isTest[image] = 1));
  return {
    train: [...order].filter((image) => isTest[image] === 0),
    test: [...order].filter((image) => isTest[image] === 1),
  };
}

/** Fraction of the images that training never sees. */
export const TEST_FRACTION = 0.2;
