/** Names of the kernels of depthwiseConv2d. */
export const DEPTHWISE_CONV2D = {
  forward: 'Convolutions/DepthwiseConv2D',
  /** Forward pass with a fused activation. */
  fused: 'Convolutions/FusedDepthwiseConv2D',
  backwardInput: 'Convolutions/DepthwiseConv2DBackpropInput',
  backwardFilter: 'Convolutions/DepthwiseConv2DBackpropFilter',
} as const;

/** Forward pass with a filter in half precision and packed images; on webgpu alone. */
export const HALF_DEPTHWISE_CONV2D = { forward: 'Convolutions/HalfDepthwiseConv2D' } as const;
