/**
 * Exact input positions that a layer's outputs read along one axis: with the gaps between dilated taps, and per phase
 * in upsampling layers, where neighbouring outputs read differently many inputs.
 */

/** Output i reads the inputs `reads[i mod period]`, shifted by `shift` for every full period before i. */
export interface AxisReads {
  /** Shift of the reads, in inputs, from one period to the next. */
  readonly shift: number;
  /** Inputs read by outputs 0 to period − 1, in ascending order; negative ones lie in the padding. */
  readonly reads: readonly (readonly number[])[];
}

/** Reads of a pointwise layer. */
export const POINTWISE_READS: AxisReads = { shift: 1, reads: [[0]] };

/** Reads of a sliding window: taps `dilation` apart, the first one `before` inputs before the window's origin. */
export function slidingReads(kernel: number, stride: number, dilation: number, before: number): AxisReads {
  return { shift: stride, reads: [Array.from({ length: kernel }, (_, tap) => tap * dilation - before)] };
}

/**
 * Reads of a transposed convolution. Output o meets tap a at input (o + before − a·dilation) / stride if that is an
 * integer, so the taps split into `stride` phases; a phase may have no tap.
 */
export function transposedReads(kernel: number, stride: number, dilation: number, before: number): AxisReads {
  const reads = Array.from({ length: stride }, (_, phase) =>
    Array.from({ length: kernel }, (_, tap) => (phase + before - tap * dilation) / stride).filter(Number.isInteger),
  );
  return { shift: 1, reads: reads.map((inputs) => inputs.reverse()) };
}

/** Reads of nearest upsampling by an integer factor: each input is repeated `factor` times. */
export function repeatedReads(factor: number): AxisReads {
  return { shift: 1, reads: Array.from({ length: factor }, () => [0]) };
}

/**
 * Reads of bilinear resizing. Output o reads the two inputs around o·from / to, or, with half-pixel centres, around
 * (o + ½)·from / to − ½, and a single input if that is an integer.
 */
export function bilinearReads(from: number, to: number, halfPixelCenters: boolean): AxisReads {
  const divisor = greatestCommonDivisor(from, to);
  const [shift, period] = [from / divisor, to / divisor];
  const reads = Array.from({ length: period }, (_, output) => {
    // In units of half an output, so that integer positions are recognised exactly.
    const position = halfPixelCenters ? (2 * output + 1) * shift - period : 2 * output * shift;
    const before = Math.floor(position / (2 * period));
    return position % (2 * period) === 0 ? [before] : [before, before + 1];
  });
  return { shift, reads };
}

/** Reads of nearest resizing: output o reads the input that contains (o + ½)·from / to. */
export function nearestReads(from: number, to: number): AxisReads {
  const divisor = greatestCommonDivisor(from, to);
  const [shift, period] = [from / divisor, to / divisor];
  const reads = Array.from({ length: period }, (_, output) => [Math.floor(((2 * output + 1) * shift) / (2 * period))]);
  return { shift, reads };
}

/** Reads of `second` applied to the output of `first`, in terms of the input of `first`. */
export function composeReads(first: AxisReads, second: AxisReads): AxisReads {
  const period = second.reads.length * (first.reads.length / greatestCommonDivisor(first.reads.length, second.shift));
  const shift = (second.shift * first.shift * period) / (second.reads.length * first.reads.length);
  return {
    shift,
    reads: Array.from({ length: period }, (_, output) =>
      ascending(readsAt(second, output).flatMap((middle) => readsAt(first, middle))),
    ),
  };
}

/** Union of the reads of two parallel branches with equal strides. */
export function uniteReads(a: AxisReads, b: AxisReads): AxisReads {
  const period = leastCommonMultiple(a.reads.length, b.reads.length);
  return {
    shift: (a.shift * period) / a.reads.length,
    reads: Array.from({ length: period }, (_, output) => ascending([...readsAt(a, output), ...readsAt(b, output)])),
  };
}

/** Inputs read by one output; the output may lie outside the image. */
export function readsAt({ shift, reads }: AxisReads, output: number): readonly number[] {
  const period = Math.floor(output / reads.length);
  return reads[output - period * reads.length]!.map((input) => input + period * shift);
}

/** Greatest common divisor of two positive integers. */
export function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Least common multiple of two positive integers: the period of two strides together. */
export function leastCommonMultiple(a: number, b: number): number {
  return (a / greatestCommonDivisor(a, b)) * b;
}

function ascending(inputs: readonly number[]): number[] {
  return [...new Set(inputs)].sort((a, b) => a - b);
}
