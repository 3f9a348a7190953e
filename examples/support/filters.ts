/** Classical filters and interpolation; images are square and grey, one after another. */

type Filter = (image: Float32Array, size: number) => Float32Array;

/** Applies a filter to each image of size × size. */
export function filterEach(images: Float32Array, size: number, filter: Filter): Float32Array {
  const pixels = size * size;
  const results = Array.from({ length: images.length / pixels }, (_, index) =>
    filter(images.subarray(index * pixels, (index + 1) * pixels), size),
  );
  const all = new Float32Array(results.reduce((sum, { length }) => sum + length, 0));
  let start = 0;
  for (const result of results) {
    all.set(result, start);
    start += result.length;
  }
  return all;
}

/** Median of each pixel and its eight neighbours; outside, the border is replicated. */
export const median3: Filter = (image, size) =>
  image.map((_, index) => {
    const [y, x] = [Math.floor(index / size), index % size];
    const at = (dy: number, dx: number): number => image[clamp(y + dy, size) * size + clamp(x + dx, size)]!;
    const near = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => at(dy, dx)));
    return near.sort((a, b) => a - b)[4]!;
  });

/** Gaussian filter with this standard deviation in pixels. */
export function gaussian(deviation: number): Filter {
  return (image, size) =>
    resample(image, size, size, (distance) => Math.exp(-(distance ** 2) / (2 * deviation ** 2)), 3 * deviation);
}

/**
 * Bicubic resizing (Keys, 1981, with a = −½) with half-pixel centres; for downsampling the kernel is widened
 * accordingly, so that no pixel is skipped, as in MATLAB and Pillow.
 */
export function bicubic(outSize: number): Filter {
  return (image, size) => {
    const stretch = Math.max(size / outSize, 1);
    return resample(image, size, outSize, (distance) => cubic(Math.abs(distance) / stretch), 2 * stretch);
  };
}

/** Nearest upsampling: every pixel becomes a square of factor × factor. */
export function repeat(factor: number): Filter {
  return (image, size) => {
    const source = (index: number): number => Math.floor(index / factor);
    const outSize = size * factor;
    return Float32Array.from({ length: outSize ** 2 }, (_, i) => {
      return image[source(Math.floor(i / outSize)) * size + source(i % outSize)]!;
    });
  };
}

/** Keys's kernel. */
function cubic(t: number): number {
  if (t < 1) return 1.5 * t ** 3 - 2.5 * t ** 2 + 1;
  return t < 2 ? -0.5 * t ** 3 + 2.5 * t ** 2 - 4 * t + 2 : 0;
}

/** Weighted means over rows, then over columns, with weights by distance in pixels of the input. */
function resample(
  image: Float32Array,
  size: number,
  outSize: number,
  weight: (distance: number) => number,
  reach: number,
): Float32Array {
  const taps = Array.from({ length: outSize }, (_, out) => {
    const location = ((out + 0.5) * size) / outSize - 0.5;
    const first = Math.ceil(location - reach);
    const near = Array.from({ length: Math.floor(location + reach) - first + 1 }, (_, i) => first + i);
    const weights = near.map((index) => weight(index - location));
    const sum = weights.reduce((total, value) => total + value, 0);
    return near.map((index, i) => ({ index: clamp(index, size), weight: weights[i]! / sum }));
  });
  const along = (at: (index: number) => number, out: number): number =>
    taps[out]!.reduce((sum, tap) => sum + tap.weight * at(tap.index), 0);
  const rows = Float32Array.from({ length: outSize * size }, (_, i) =>
    along((y) => image[y * size + (i % size)]!, Math.floor(i / size)),
  );
  return Float32Array.from({ length: outSize * outSize }, (_, i) =>
    along((x) => rows[Math.floor(i / outSize) * size + x]!, i % outSize),
  );
}

function clamp(index: number, size: number): number {
  return Math.min(Math.max(index, 0), size - 1);
}
