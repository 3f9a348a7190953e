/** Scales pictures by Lanczos filters, as the command line does. Canvases use filters of their own, which differ and shift. */

/** Pixels to compute of one axis of a scaled picture. */
export interface Span {
  /** Length of the axis after scaling. */
  readonly length: number;
  /** First pixel wanted, and how many. */
  readonly start: number;
  readonly count: number;
}

const LOBES = 3;

function lanczos(x: number): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= LOBES) return 0;
  const angle = Math.PI * x;
  return (LOBES * Math.sin(angle) * Math.sin(angle / LOBES)) / (angle * angle);
}

/** Source pixels of a target pixel, and their weights. */
interface Taps {
  readonly first: number;
  readonly weights: Float64Array;
}

function tapsOf(from: number, { length, start, count }: Span): Taps[] {
  const scale = from / length;
  const width = Math.max(1, scale);
  return Array.from({ length: count }, (_, index) => {
    const centre = (start + index + 0.5) * scale - 0.5;
    const first = Math.ceil(centre - LOBES * width);
    const last = Math.floor(centre + LOBES * width);
    const raw = Float64Array.from({ length: last - first + 1 }, (_weight, tap) =>
      lanczos((first + tap - centre) / width),
    );
    const sum = raw.reduce((total, weight) => total + weight, 0);
    return { first, weights: raw.map((weight) => weight / sum) };
  });
}

/**
 * Scales a part of a picture. Beyond its borders it goes on with the colours there.
 *
 * @param picture opaque picture
 * @returns colours [rows.count, columns.count, 4]
 */
export function resample(picture: ImageData, rows: Span, columns: Span): Uint8ClampedArray<ArrayBuffer> {
  const { data, width, height } = picture;
  const across = tapsOf(width, columns);
  const narrow = new Float32Array(height * columns.count * 3);
  for (let y = 0, to = 0; y < height; y++) {
    for (const { first, weights } of across) {
      for (let channel = 0; channel < 3; channel++, to++) {
        let sum = 0;
        for (let tap = 0; tap < weights.length; tap++) {
          const x = Math.min(width - 1, Math.max(0, first + tap));
          sum += weights[tap]! * data[(y * width + x) * 4 + channel]!;
        }
        narrow[to] = sum;
      }
    }
  }
  const line = columns.count * 3;
  const result = new Uint8ClampedArray(rows.count * columns.count * 4).fill(255);
  tapsOf(height, rows).forEach(({ first, weights }, row) => {
    for (let at = 0; at < line; at++) {
      let sum = 0;
      for (let tap = 0; tap < weights.length; tap++) {
        sum += weights[tap]! * narrow[Math.min(height - 1, Math.max(0, first + tap)) * line + at]!;
      }
      result[(row * columns.count + Math.floor(at / 3)) * 4 + (at % 3)] = sum;
    }
  });
  return result;
}
