/**
 * Input positions that a layer's outputs read along one axis, exactly: with gaps between dilated taps, and by phase where
 * a layer enlarges, since neighbouring outputs then read unequal parts.
 */

/** Output i reads the inputs `reads[i mod period]`, moved by `shift` for each whole period before i. */
export interface AxisReads {
  /** Inputs by which the reads move from one period to the next. */
  readonly shift: number;
  /** For the outputs 0 to period − 1 the inputs read, ascending; negative ones lie in the padding. */
  readonly reads: readonly (readonly number[])[];
}

/** Reads of a layer that works position by position. */
export const POINTWISE_READS: AxisReads = { shift: 1, reads: [[0]] };

/** Taps `dilation` apart, the first one `before` inputs before the output's own. */
export function slidingReads(kernel: number, stride: number, dilation: number, before: number): AxisReads {
  return { shift: stride, reads: [Array.from({ length: kernel }, (_, tap) => tap * dilation - before)] };
}

/**
 * Output o meets tap a of input (o + before − a·dilation) / stride where that is whole, so the taps split into as many
 * phases as the stride has; one of them may have no tap.
 */
export function transposedReads(kernel: number, stride: number, dilation: number, before: number): AxisReads {
  const reads = Array.from({ length: stride }, (_, phase) =>
    Array.from({ length: kernel }, (_, tap) => (phase + before - tap * dilation) / stride).filter(Number.isInteger),
  );
  return { shift: 1, reads: reads.map((inputs) => inputs.reverse()) };
}

/** Each input repeated `factor` times. */
export function repeatedReads(factor: number): AxisReads {
  return { shift: 1, reads: Array.from({ length: factor }, () => [0]) };
}

/**
 * Bilinear resizing from one size to another: output o reads the two inputs around o·from / to, or around
 * (o + ½)·from / to − ½ where the centres of pixels lie at halves, and one alone where that is whole.
 */
export function bilinearReads(from: number, to: number, halfPixelCenters: boolean): AxisReads {
  const divisor = greatestCommonDivisor(from, to);
  const [shift, period] = [from / divisor, to / divisor];
  const reads = Array.from({ length: period }, (_, output) => {
    // In units of half an output, so that whole places are recognised exactly.
    const place = halfPixelCenters ? (2 * output + 1) * shift - period : 2 * output * shift;
    const before = Math.floor(place / (2 * period));
    return place % (2 * period) === 0 ? [before] : [before, before + 1];
  });
  return { shift, reads };
}

/** Nearest resizing from one size to another: output o reads the input that (o + ½)·from / to lies in. */
export function nearestReads(from: number, to: number): AxisReads {
  const divisor = greatestCommonDivisor(from, to);
  const [shift, period] = [from / divisor, to / divisor];
  const reads = Array.from({ length: period }, (_, output) => [Math.floor(((2 * output + 1) * shift) / (2 * period))]);
  return { shift, reads };
}

/** What the outputs of a second layer read of the input of the first one. */
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

/** What two branches of the same strides read together. */
export function uniteReads(a: AxisReads, b: AxisReads): AxisReads {
  const period = leastCommonMultiple(a.reads.length, b.reads.length);
  return {
    shift: (a.shift * period) / a.reads.length,
    reads: Array.from({ length: period }, (_, output) => ascending([...readsAt(a, output), ...readsAt(b, output)])),
  };
}

/** The inputs that one output reads; the output may lie outside. */
export function readsAt({ shift, reads }: AxisReads, output: number): readonly number[] {
  const period = Math.floor(output / reads.length);
  return reads[output - period * reads.length]!.map((input) => input + period * shift);
}

export function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

export function leastCommonMultiple(a: number, b: number): number {
  return (a / greatestCommonDivisor(a, b)) * b;
}

function ascending(inputs: readonly number[]): number[] {
  return [...new Set(inputs)].sort((a, b) => a - b);
}
