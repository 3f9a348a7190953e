/** Names of the kernels of conv2d. */
export const CONV2D = {
  forward: 'Convolutions/Conv2D',
  /** Forward pass with a fused activation. */
  fused: 'Convolutions/FusedConv2D',
  backwardInput: 'Convolutions/Conv2DBackpropInput',
  backwardFilter: 'Convolutions/Conv2DBackpropFilter',
} as const;

/** Forward pass with a filter in half precision and packed images; on webgpu alone. */
export const HALF_CONV2D = { forward: 'Convolutions/HalfConv2D' } as const;
