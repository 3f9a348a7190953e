/** Kernel names of maxPool2d. */
export const MAX_POOL2D = {
  /** y of x. */
  forward: 'Convolutions/MaxPool2D',
  /** dx of x and dy: every output's gradient goes to the pixel of x that it came from. */
  backward: 'Convolutions/MaxPool2DBackprop',
  /** y of x and values: for every output the number in `values` where the maximum of x stands. */
  select: 'Convolutions/MaxPool2DSelect',
} as const;
