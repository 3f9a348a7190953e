/** deformTaps as loops over rows in memory, shared by the cpu and wasm kernels. */
import { DEFORM_TAPS, type TapCall, type TapSizes } from './kernels.js';

/** A kernel as a loop. */
export interface TapLoop {
  readonly kernelName: string;
  /** Names of the kernel's inputs. */
  readonly inputs: readonly string[];
  /** Shape of the result, by its name in the call. */
  readonly shape: 'givenShape' | 'placedShape';
  readonly fill: (result: Float32Array, inputs: readonly Float32Array[], taps: TapCall) => void;
}

/** placed = scale · given + rest · (half − tap · dilation), or `absent` for the tap that is not given. */
export const placeLoop: TapLoop = {
  kernelName: DEFORM_TAPS.place,
  inputs: ['given'],
  shape: 'placedShape',
  fill: (placed, [given], { sizes, scale, rest, absent }) => {
    const { rows, taps, middle, width } = sizes;
    const values = given!;
    const shifts = gridOf(sizes).map((distance) => rest * distance);
    const [start, end] = [middle * width, (middle + 1) * width];
    let from = 0;
    let to = 0;
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < taps * width; i++) {
        placed[to++] = i < start || i >= end ? scale * values[from++]! + shifts[i]! : absent;
      }
    }
  },
};

/** dgiven = scale · dplaced. */
export const placeBackwardLoop: TapLoop = {
  kernelName: DEFORM_TAPS.placeBackward,
  inputs: ['dplaced'],
  shape: 'givenShape',
  fill: (dgiven, [dplaced], { sizes, scale }) => {
    const { rows, taps, middle, width } = sizes;
    const upstream = dplaced!;
    const [start, end] = [middle * width, (middle + 1) * width];
    let from = 0;
    let to = 0;
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < taps * width; i++, from++) {
        if (i < start || i >= end) dgiven[to++] = scale * upstream[from]!;
      }
    }
  },
};

/** Softmax of every row; the tap that is not given has weight 0. */
export const softmaxLoop: TapLoop = {
  kernelName: DEFORM_TAPS.softmax,
  inputs: ['logits'],
  shape: 'placedShape',
  fill: (weights, [logits], { sizes }) => {
    const { rows, taps, given, middle } = sizes;
    const values = logits!;
    const exponentials = new Float64Array(taps);
    let from = 0;
    let to = 0;
    for (let row = 0; row < rows; row++) {
      let largest = -Infinity;
      for (let i = from; i < from + given; i++) if (values[i]! > largest) largest = values[i]!;
      let sum = 0;
      for (let tap = 0; tap < taps; tap++) {
        if (tap !== middle) sum += exponentials[tap] = Math.exp(values[from++]! - largest);
      }
      for (let tap = 0; tap < taps; tap++) weights[to++] = tap === middle ? 0 : exponentials[tap]! / sum;
    }
  },
};

/** dlogits = weights · (dweights − Σ weights · dweights). */
export const softmaxBackwardLoop: TapLoop = {
  kernelName: DEFORM_TAPS.softmaxBackward,
  inputs: ['weights', 'dweights'],
  shape: 'givenShape',
  fill: (dlogits, [weights, dweights], { sizes }) => {
    const { rows, taps, middle } = sizes;
    const [values, upstream] = [weights!, dweights!];
    let to = 0;
    for (let row = 0; row < rows; row++) {
      const first = row * taps;
      let sum = 0;
      for (let tap = 0; tap < taps; tap++) if (tap !== middle) sum += values[first + tap]! * upstream[first + tap]!;
      for (let tap = 0; tap < taps; tap++) {
        if (tap !== middle) dlogits[to++] = values[first + tap]! * (upstream[first + tap]! - sum);
      }
    }
  },
};

/** Displacement from every tap to the centre, in pixels: (y, x) per tap, or y alone if a tap has one number. */
function gridOf({
  taps,
  width,
  kernelWidth,
  halfHeight,
  halfWidth,
  dilationHeight,
  dilationWidth,
}: TapSizes): number[] {
  return Array.from({ length: taps * width }, (_, i) => {
    const tap = Math.floor(i / width);
    return i % width === 0
      ? halfHeight - Math.floor(tap / kernelWidth) * dilationHeight
      : halfWidth - (tap % kernelWidth) * dilationWidth;
  });
}
