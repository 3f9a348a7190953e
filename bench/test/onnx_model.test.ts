/** ONNX models, read back by a reader of protocol buffers. */
import { normalizationValues } from '../support/mobilenet.js';
import { onnxMobileNetV1, type Kernel } from '../support/onnx_mobilenet_v1.js';
import { bytes, integer, text } from '../support/protobuf.js';
import { MOBILENET_V1_BLOCKS } from '../support/stock_mobilenet_v1.js';

type Message = Record<number, (number | Buffer)[]>;

/** Fields by number; only integers and bytes occur. */
function read(message: Buffer): Message {
  const fields: Message = {};
  let at = 0;
  const varint = (): number => {
    let [value, factor] = [0, 1];
    for (; ; factor *= 128) {
      const byte = message[at++]!;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const key = varint();
    const value = varint();
    const field = (fields[key >> 3] ??= []);
    if (key % 8 === 0) field.push(value);
    else field.push(message.subarray(at, (at += value)));
  }
  return fields;
}

const messages = (fields: Message, number: number): Message[] =>
  (fields[number] ?? []).map((part) => read(part as Buffer));
const strings = (fields: Message, number: number): string[] => (fields[number] ?? []).map(String);

describe('protocol buffers', () => {
  it('are those of the examples in their documentation', () => {
    expect(integer(1, 150)).toEqual(Buffer.from('089601', 'hex'));
    expect(text(2, 'testing')).toEqual(Buffer.from('120774657374696e67', 'hex'));
    expect(bytes(3, integer(1, 150))).toEqual(Buffer.from('1a03089601', 'hex'));
  });
});

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
  const [graph] = messages(read(Buffer.from(onnxMobileNetV1([1, 3, 32, 32], kernels))), 7);
  const nodes = messages(graph!, 1);
  const constants = messages(graph!, 5);

  it('has a convolution with its clipping for each kernel, then the classifier', () => {
    const types = nodes.flatMap((node) => strings(node, 4));
    expect(types).toEqual([
      ...Array.from({ length: 27 }, () => ['Conv', 'Clip']).flat(),
      ...['GlobalAveragePool', 'Flatten', 'MatMul', 'Softmax'],
    ]);
    const [shape] = messages(graph!, 12).flatMap((y) => messages(messages(messages(y, 2)[0]!, 1)[0]!, 2));
    expect(messages(shape!, 1).map(({ 1: length }) => length![0])).toEqual([1, 4]);
  });

  it('pads layers of stride 2 at the end alone, as TensorFlow does', () => {
    const attributes = nodes
      .filter((node) => strings(node, 4)[0] === 'Conv')
      .map((node) =>
        Object.fromEntries(messages(node, 5).map((entry) => [strings(entry, 1)[0]!, entry[8] ?? entry[3]])),
      );
    expect(attributes[0]).toEqual({ kernel_shape: [3, 3], strides: [2, 2], group: [1], pads: [0, 0, 1, 1] });
    expect(attributes[1]).toEqual({ kernel_shape: [3, 3], strides: [1, 1], group: [2], pads: [1, 1, 1, 1] });
    expect(attributes[2]).toEqual({ kernel_shape: [1, 1], strides: [1, 1], group: [1], pads: [0, 0, 0, 0] });
  });

  it('folds normalizations: the kernel of an output channel times γ / √(σ² + ε), and β − μ γ / √(σ² + ε)', () => {
    const valuesOf = (name: string): Float32Array => {
      const raw = constants.find((constant) => strings(constant, 8)[0] === name)![9]![0] as Buffer;
      return new Float32Array(Uint8Array.from(raw).buffer);
    };
    const [gamma, beta, mean, variance] = normalizationValues(2);
    const factor = gamma[1]! / Math.sqrt(variance[1]! + 1e-3);
    // The first value of the second of two channels with 27 weights each.
    expect(valuesOf('kernel0')[27]).toBeCloseTo(28 * factor, 4);
    expect(valuesOf('bias0')[1]).toBeCloseTo(beta[1]! - mean[1]! * factor, 6);
  });
});
