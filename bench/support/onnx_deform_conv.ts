/** An ONNX model of one DeformConv node. https://onnx.ai/onnx/operators/onnx__DeformConv.html */
import { onnxModel } from './onnx_model.js';

/** A modulated deformable convolution of inputs of these shapes, NCHW, padded to the same size. */
export function onnxDeformConv(
  inputs: Readonly<Record<'x' | 'filter' | 'offset' | 'mask', readonly number[]>>,
  output: readonly number[],
): Promise<Uint8Array> {
  const [, groupChannels, height, width] = inputs.filter as [number, number, number, number];
  const padding = [(height - 1) / 2, (width - 1) / 2];
  return onnxModel({
    nodes: [
      {
        type: 'DeformConv',
        // The empty name is the absent bias.
        inputs: ['x', 'filter', 'offset', '', 'mask'],
        output: 'y',
        attributes: {
          kernel_shape: [height, width],
          pads: [...padding, ...padding],
          group: inputs.x[1]! / groupChannels,
          offset_group: 1,
        },
      },
    ],
    inputs,
    outputs: { y: output },
  });
}
