/** MobileNetV1 as an ONNX model, its batch normalizations folded: the network of the other sides of a comparison. */
import { NORMALIZATION_EPSILON, normalizationValues } from './mobilenet.js';
import { onnxModel, type OnnxConstant, type OnnxNode } from './onnx_model.js';
import { MOBILENET_V1_BLOCKS } from './stock_mobilenet_v1.js';

/** A kernel of a convolution, [out, in of a group, height, width], or the matrix of the last layer, [in, out]. */
export type Kernel = OnnxConstant;

/** From an image `x` of this shape, NCHW, to probabilities `y`; kernels in the order of the layers. */
export function onnxMobileNetV1(image: readonly number[], kernels: readonly Kernel[]): Promise<Uint8Array> {
  const [batch, , size] = image as [number, number, number, number];
  const nodes: OnnxNode[] = [];
  const constants: Record<string, OnnxConstant> = {
    least: { shape: [], values: Float32Array.of(0) },
    most: { shape: [], values: Float32Array.of(6) },
  };
  let value = 'x';
  let side = size;
  let next = 0;
  const add = (type: string, inputs: readonly string[], attributes: OnnxNode['attributes'] = {}): void => {
    const output = `v${nodes.length}`;
    nodes.push({ type, inputs: [value, ...inputs], output, attributes });
    value = output;
  };
  const addConvolution = (stride: number, depthwise: boolean): void => {
    const index = next++;
    const [kernel, bias] = [`kernel${index}`, `bias${index}`];
    const folded = fold(kernels[index]!);
    Object.assign(constants, { [kernel]: folded.kernel, [bias]: folded.bias });
    const [out, , length] = folded.kernel.shape as [number, number, number, number];
    const after = Math.ceil(side / stride);
    const padding = Math.max(0, (after - 1) * stride + length - side);
    const before = Math.floor(padding / 2);
    side = after;
    add('Conv', [kernel, bias], {
      ...{ kernel_shape: [length, length], strides: [stride, stride], group: depthwise ? out : 1 },
      // TensorFlow's "same": the odd row and column at the end.
      pads: [before, before, padding - before, padding - before],
    });
    add('Clip', ['least', 'most']);
  };
  addConvolution(2, false);
  for (const [, stride] of MOBILENET_V1_BLOCKS) {
    addConvolution(stride, true);
    addConvolution(1, false);
  }
  add('GlobalAveragePool', []);
  add('Flatten', []);
  constants['dense'] = kernels.at(-1)!;
  add('MatMul', ['dense']);
  add('Softmax', []);
  return onnxModel({
    nodes,
    constants,
    inputs: { x: image },
    outputs: { [value]: [batch, kernels.at(-1)!.shape[1]!] },
  });
}

/** Multiplies a kernel by the factors of the normalization after it, and turns the rest of that into a bias. */
function fold({ shape, values }: Kernel): { readonly kernel: OnnxConstant; readonly bias: OnnxConstant } {
  const [channels] = shape as [number];
  const length = values.length / channels;
  const [gamma, beta, mean, variance] = normalizationValues(channels);
  const factors = gamma.map((factor, channel) => factor / Math.sqrt(variance[channel]! + NORMALIZATION_EPSILON));
  return {
    kernel: { shape, values: values.map((value, index) => value * factors[Math.floor(index / length)]!) },
    bias: { shape: [channels], values: beta.map((shift, channel) => shift - mean[channel]! * factors[channel]!) },
  };
}
