/** Offsets of taps and bins, as lists of (y, x). */
import type { Place } from 'tfjs-convolutions/geometry';
import type { Settings } from './settings.js';

export const TAP_STEP = 0.25;

export const offsetAt = (offsets: readonly number[], index: number): Place => [
  offsets[2 * index] ?? 0,
  offsets[2 * index + 1] ?? 0,
];

/** Replaces one entry of a list; missing entries before it become `otherwise`. */
function replaced(list: readonly number[], index: number, value: number, otherwise: number): number[] {
  const length = Math.max(list.length, index + 1);
  return Array.from({ length }, (_, at) => (at === index ? value : (list[at] ?? otherwise)));
}

export const withOffset = (offsets: readonly number[], index: number, [y, x]: Place): number[] =>
  replaced(replaced(offsets, 2 * index, y, 0), 2 * index + 1, x, 0);

export const withMask = (masks: readonly number[], tap: number, mask: number): number[] =>
  replaced(masks, tap, mask, 1);

export const snap = (value: number, step: number): number => Math.round(value / step) * step;

/** Offsets that move every tap by the transform `move`, relative to the middle of the kernel. */
function movedTaps({ kernelHeight, kernelWidth, dilation }: Settings, move: (at: Place) => Place): number[] {
  const offsets: number[] = [];
  for (let row = 0; row < kernelHeight; row++) {
    for (let column = 0; column < kernelWidth; column++) {
      const at = [(row - (kernelHeight - 1) / 2) * dilation, (column - (kernelWidth - 1) / 2) * dilation] as const;
      const to = move(at);
      for (const axis of [0, 1] as const) offsets.push(Math.round((to[axis] - at[axis]) * 100) / 100);
    }
  }
  return offsets;
}

const ANGLE = Math.PI / 6;

/** Transforms of a kernel that offsets can express, by name. */
export const SPECIAL_OFFSETS = {
  scale: (s: Settings) => movedTaps(s, ([y, x]) => [1.5 * y, 1.5 * x]),
  aspectRatio: (s: Settings) => movedTaps(s, ([y, x]) => [y / 2, 2 * x]),
  rotation: (s: Settings) =>
    movedTaps(s, ([y, x]) => [y * Math.cos(ANGLE) + x * Math.sin(ANGLE), x * Math.cos(ANGLE) - y * Math.sin(ANGLE)]),
} as const;
