/** ONNX models of the benchmarks, read back. */
import { normalizationValues } from '../support/mobilenet.js';
import { onnxMobileNetV1, type Kernel } from '../support/onnx_mobilenet_v1.js';
import { MOBILENET_V1_BLOCKS } from '../support/stock_mobilenet_v1.js';

/** Reads a file. */
async function read(file: Uint8Array) {
  const { fromBinary } = await import('@bufbuild/protobuf');
  const { ModelProtoSchema } = await import('onnx-buf');
  return fromBinary(ModelProtoSchema, file).graph!;
}

describe('onnxMobileNetV1()', () => {
  const kernel = (...shape: number[]): Kernel => ({
    shape,
    values: Float32Array.from({ length: shape.reduce((product, length) => product * length) }, (_, index) => index + 1),
  });
  const kernels = [
    kernel(2, 3, 3, 3),
    ...MOBILENET_V1_BLOCKS.flatMap((_, index) => [kernel(index + 2, 1, 3, 3), kernel(index + 3, index + 2, 1, 1)]),
    kernel(15, 4),
  ];
  let graph: Awaited<ReturnType<typeof read>>;

  beforeAll(async () => {
    graph = await read(await onnxMobileNetV1([1, 3, 32, 32], kernels));
  });

  it('has a convolution with its clipping for each kernel, then the classifier', () => {
    expect(graph.node.map(({ opType }) => opType)).toEqual([
      ...Array.from({ length: 27 }, () => ['Conv', 'Clip']).flat(),
      ...['GlobalAveragePool', 'Flatten', 'MatMul', 'Softmax'],
    ]);
    const { value } = graph.output[0]!.type!;
    const dims = value.case === 'tensorType' ? value.value.shape!.dim.map((dim) => dim.value.value) : [];
    expect(dims).toEqual([1n, 4n]);
  });

  it('pads layers of stride 2 at the end alone, as TensorFlow does', () => {
    const attributes = graph.node
      .filter(({ opType }) => opType === 'Conv')
      .map(({ attribute }) =>
        Object.fromEntries(
          attribute.map(({ name, ints, i }) => [name, ints.length > 0 ? ints.map(Number) : Number(i)]),
        ),
      );
    expect(attributes[0]).toEqual({ kernel_shape: [3, 3], strides: [2, 2], group: 1, pads: [0, 0, 1, 1] });
    expect(attributes[1]).toEqual({ kernel_shape: [3, 3], strides: [1, 1], group: 2, pads: [1, 1, 1, 1] });
    expect(attributes[2]).toEqual({ kernel_shape: [1, 1], strides: [1, 1], group: 1, pads: [0, 0, 0, 0] });
  });

  it('folds normalizations: the kernel of an output channel times γ / √(σ² + ε), and β − μ γ / √(σ² + ε)', () => {
    const valuesOf = (name: string): Float32Array => {
      const { rawData } = graph.initializer.find((constant) => constant.name === name)!;
      return new Float32Array(Uint8Array.from(rawData).buffer);
    };
    const [gamma, beta, mean, variance] = normalizationValues(2);
    const factor = gamma[1]! / Math.sqrt(variance[1]! + 1e-3);
    // The first value of the second of two channels with 27 weights each.
    expect(valuesOf('kernel0')[27]).toBeCloseTo(28 * factor, 4);
    expect(valuesOf('bias0')[1]).toBeCloseTo(beta[1]! - mean[1]! * factor, 6);
  });
});
