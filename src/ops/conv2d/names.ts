/** Kernel names of conv2d. */
export const CONV2D = {
  forward: 'Convolutions/Conv2D',
  /** The forward pass with an activation. */
  fused: 'Convolutions/FusedConv2D',
  backwardInput: 'Convolutions/Conv2DBackpropInput',
  backwardFilter: 'Convolutions/Conv2DBackpropFilter',
} as const;
