/** Names of the kernels of maxPool2d. */
export const MAX_POOL2D = {
  /** Computes y from x. */
  forward: 'Convolutions/MaxPool2D',
  /** Computes dx from x and dy: the gradient of every output goes to the pixel of x that was the maximum. */
  backward: 'Convolutions/MaxPool2DBackprop',
  /** Reads `values` at the position of the maximum of x, for every output. */
  select: 'Convolutions/MaxPool2DSelect',
} as const;
