/** Kernels that may write their results over an input: element i of the output depends on elements i alone. */

/** Returns the name of the input that an output of the kernel may replace. */
export function replacedInput(kernel: string, output: number): string | undefined {
  if (kernel === 'Convolutions/WeightedSums') return `a${output}`;
  if (kernel !== 'Convolutions/AdamUpdates') return undefined;
  const name = ['value', 'firstMoment', 'secondMoment'][output % 3]!;
  return `${name}${Math.floor(output / 3)}`;
}
