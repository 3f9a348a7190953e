/** Changes of the values of pixels from 0 to 255, in place, as torchvision's functions of the same names without `adjust_`. */
import type { ImageShape } from './affine_image.js';

const MOST = 255;
/** Weights of red, green and blue in a grey level. */
const LUMA = [0.2989, 0.587, 0.114] as const;

/** Multiplies pixels. */
export function brightness(pixels: Float32Array, factor: number): void {
  for (let at = 0; at < pixels.length; at++) pixels[at] = clamp(pixels[at]! * factor);
}

/** Moves colours away from their grey level; grey images stay as they are. */
export function saturation(pixels: Float32Array, channels: number, factor: number): void {
  if (channels !== 3) return;
  for (let at = 0; at < pixels.length; at += 3) {
    const grey = greyLevel(pixels, at, 3);
    for (let c = at; c < at + 3; c++) pixels[c] = clamp(grey + (pixels[c]! - grey) * factor);
  }
}

/** Moves pixels away from the mean grey level of the image. */
export function contrast(pixels: Float32Array, channels: number, factor: number): void {
  let sum = 0;
  for (let at = 0; at < pixels.length; at += channels) sum += greyLevel(pixels, at, channels);
  const mean = sum / (pixels.length / channels);
  for (let at = 0; at < pixels.length; at++) pixels[at] = clamp(mean + (pixels[at]! - mean) * factor);
}

/** Moves pixels, except for those at the border, away from the mean over their neighbourhood, in which they count five times. */
export function sharpness(pixels: Float32Array, { height, width, channels }: ImageShape, factor: number): void {
  const before = pixels.slice();
  const row = width * channels;
  for (let y = 1; y < height - 1; y++) {
    for (let at = y * row + channels; at < (y + 1) * row - channels; at++) {
      let sum = 4 * before[at]!;
      for (const line of [at - row, at, at + row]) {
        sum += before[line - channels]! + before[line]! + before[line + channels]!;
      }
      pixels[at] = clamp(sum / 13 + (before[at]! - sum / 13) * factor);
    }
  }
}

/** Keeps the highest bits of each pixel, which is rounded. */
export function posterize(pixels: Float32Array, bits: number): void {
  const mask = -(2 ** (8 - bits));
  for (let at = 0; at < pixels.length; at++) pixels[at] = Math.round(pixels[at]!) & mask;
}

/** Inverts pixels from a threshold on. */
export function solarize(pixels: Float32Array, threshold: number): void {
  for (let at = 0; at < pixels.length; at++) if (pixels[at]! >= threshold) pixels[at] = MOST - pixels[at]!;
}

/** Stretches the values of each channel to the whole range. */
export function autocontrast(pixels: Float32Array, channels: number): void {
  for (let c = 0; c < channels; c++) {
    let [low, high] = [Infinity, -Infinity];
    for (let at = c; at < pixels.length; at += channels) {
      low = Math.min(low, pixels[at]!);
      high = Math.max(high, pixels[at]!);
    }
    if (high === low) continue;
    for (let at = c; at < pixels.length; at += channels) pixels[at] = ((pixels[at]! - low) * MOST) / (high - low);
  }
}

/** Spreads the values of each channel, which are rounded, so that all are about as frequent. */
export function equalize(pixels: Float32Array, channels: number): void {
  for (let c = 0; c < channels; c++) {
    const counts = new Uint32Array(MOST + 1);
    let highest = 0;
    for (let at = c; at < pixels.length; at += channels) {
      const value = Math.round(pixels[at]!);
      counts[value]!++;
      highest = Math.max(highest, value);
    }
    const step = Math.floor((pixels.length / channels - counts[highest]!) / MOST);
    if (step === 0) continue;
    const values = new Float32Array(MOST + 1);
    let below = 0;
    counts.forEach((count, value) => {
      values[value] = value === 0 ? 0 : Math.min(Math.floor((below + Math.floor(step / 2)) / step), MOST);
      below += count;
    });
    for (let at = c; at < pixels.length; at += channels) pixels[at] = values[Math.round(pixels[at]!)]!;
  }
}

function greyLevel(pixels: Float32Array, at: number, channels: number): number {
  if (channels !== 3) return pixels[at]!;
  return LUMA[0] * pixels[at]! + LUMA[1] * pixels[at + 1]! + LUMA[2] * pixels[at + 2]!;
}

function clamp(value: number): number {
  return Math.min(Math.max(value, 0), MOST);
}
