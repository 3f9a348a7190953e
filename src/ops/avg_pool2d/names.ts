/** Kernel names of avgPool2d. */
export const AVG_POOL2D = {
  /** y of x. */
  forward: 'Convolutions/AvgPool2D',
  /** dx of dy. */
  backward: 'Convolutions/AvgPool2DBackprop',
} as const;
