/** Names of the kernels of avgPool2d. */
export const AVG_POOL2D = {
  /** Computes y from x. */
  forward: 'Convolutions/AvgPool2D',
  /** Computes dx from dy. */
  backward: 'Convolutions/AvgPool2DBackprop',
} as const;
