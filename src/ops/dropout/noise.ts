/**
 * The mask of dropout, the same on every backend: element i of the mask is word i mod 4 of Philox4x32-10 for the counter
 * (⌊i / 4⌋, 0, 0, 0), and is kept if word ≥ rate · 2³².
 */
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import type { PhiloxKey } from '../../kernel/philox.js';
import { sizeOf } from '../../kernel/sizes.js';
import type { DropoutAttributes } from './kernels.js';

/** Neighbouring axes of x that all share the mask, or all do not. */
export interface NoiseAxis {
  readonly length: number;
  /** Distance in the mask between two neighbours on the axis; 0 if they share the mask. */
  readonly step: number;
}

/** One call of the kernel. */
export interface DropoutCall {
  readonly shape: number[];
  readonly size: number;
  readonly key: PhiloxKey;
  /** Smallest random word that keeps its element. */
  readonly threshold: number;
  /** Factor of the kept elements: 1 / (1 − rate), as float32. */
  readonly scale: number;
  readonly noiseSize: number;
  /** Axes from the outermost to the innermost; none for one element. */
  readonly axes: readonly NoiseAxis[];
}

/** Resolves the attributes of a call. */
export function dropoutOf({ inputs, attrs }: KernelArguments): DropoutCall {
  const { rate, key, noiseShape } = attrs as DropoutAttributes;
  const { shape } = inputs['x']!;
  return {
    shape,
    size: sizeOf(shape),
    key,
    // The last word keeps an element even where the rate rounds up to 1.
    threshold: Math.min(Math.ceil(rate * 2 ** 32), 2 ** 32 - 1),
    scale: Math.fround(1 / (1 - rate)),
    noiseSize: sizeOf(noiseShape),
    axes: axesOf(shape, noiseShape),
  };
}

/** Merges the axes, so that a mask of the shape of x has one, and no mask more than {@link MOST_AXES}. */
function axesOf(shape: readonly number[], noiseShape: readonly number[]): NoiseAxis[] {
  const axes: NoiseAxis[] = [];
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis]!;
    if (length === 1) continue;
    const isShared = noiseShape[axis] === 1;
    const inner = axes[0];
    if (inner !== undefined && (inner.step === 0) === isShared) axes[0] = { ...inner, length: length * inner.length };
    else axes.unshift({ length, step: isShared ? 0 : step });
    if (!isShared) step *= length;
  }
  return axes;
}

/** Highest rank in TensorFlow.js. */
export const MOST_AXES = 6;

/** Names of the integers that a shader takes, the innermost axis first. */
export const NOISE_INTEGERS = [
  ...['key0', 'key1', 'threshold'],
  ...Array.from({ length: MOST_AXES }, (_, axis) => [`length${axis}`, `step${axis}`]).flat(),
] as const;

/** Integers of a call for a shader; axes that it lacks have length 1. */
export function noiseIntegers({ key, threshold, axes }: DropoutCall): Readonly<Record<string, number>> {
  const integers: Record<string, number> = { key0: key[0] | 0, key1: key[1] | 0, threshold: threshold | 0 };
  for (let axis = 0; axis < MOST_AXES; axis++) {
    const { length, step } = axes[axes.length - 1 - axis] ?? { length: 1, step: 0 };
    integers[`length${axis}`] = length;
    integers[`step${axis}`] = step;
  }
  return integers;
}
