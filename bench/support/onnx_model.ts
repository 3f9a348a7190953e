/**
 * ONNX models of one DeformConv node (operator set 19), written as protocol buffers.
 * https://onnx.ai/onnx/operators/onnx__DeformConv.html; message and field numbers: onnx.proto3.
 */

type Bytes = readonly number[];

/** Field numbers of the written messages. */
const MODEL = { irVersion: 1, graph: 7, opsetImport: 8 } as const;
const OPSET = { version: 2 } as const;
const GRAPH = { node: 1, name: 2, input: 11, output: 12 } as const;
const NODE = { input: 1, output: 2, opType: 4, attribute: 5 } as const;
const ATTRIBUTE = { name: 1, int: 3, ints: 8, type: 20 } as const;
const VALUE = { name: 1, type: 2 } as const;
const TYPE = { tensor: 1 } as const;
const TENSOR = { elementType: 1, shape: 2 } as const;
const SHAPE = { dim: 1 } as const;
const DIM = { value: 1 } as const;
const FLOAT = 1;
const ATTRIBUTE_TYPE = { int: 2, ints: 7 } as const;

function varint(value: number): Bytes {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return [...bytes, value];
}

const integer = (field: number, value: number): Bytes => [...varint(field * 8), ...varint(value)];
const bytes = (field: number, value: Bytes): Bytes => [...varint(field * 8 + 2), ...varint(value.length), ...value];
const text = (field: number, value: string): Bytes => bytes(field, [...Buffer.from(value)]);

function valueInfo(name: string, shape: readonly number[]): Bytes {
  const dims = shape.flatMap((length) => bytes(SHAPE.dim, integer(DIM.value, length)));
  const tensor = [...integer(TENSOR.elementType, FLOAT), ...bytes(TENSOR.shape, dims)];
  return [...text(VALUE.name, name), ...bytes(VALUE.type, bytes(TYPE.tensor, tensor))];
}

function attribute(name: string, value: number | readonly number[]): Bytes {
  const fields =
    typeof value === 'number'
      ? [...integer(ATTRIBUTE.int, value), ...integer(ATTRIBUTE.type, ATTRIBUTE_TYPE.int)]
      : [...value.flatMap((item) => integer(ATTRIBUTE.ints, item)), ...integer(ATTRIBUTE.type, ATTRIBUTE_TYPE.ints)];
  return [...text(ATTRIBUTE.name, name), ...fields];
}

/** A modulated deformable convolution of inputs of these shapes, NCHW, padded to the same size. */
export function deformConvModel(
  inputs: Readonly<Record<'x' | 'filter' | 'offset' | 'mask', readonly number[]>>,
  output: readonly number[],
): Uint8Array {
  const [, groupChannels, height, width] = inputs.filter as [number, number, number, number];
  const padding = [(height - 1) / 2, (width - 1) / 2];
  const attributes = [
    attribute('kernel_shape', [height, width]),
    attribute('pads', [...padding, ...padding]),
    attribute('group', inputs.x[1]! / groupChannels),
    attribute('offset_group', 1),
  ];
  // DeformConv's own order; the empty name is the absent bias.
  const names = ['x', 'filter', 'offset', '', 'mask'] as const;
  const node = [
    ...names.flatMap((name) => text(NODE.input, name)),
    ...text(NODE.output, 'y'),
    ...text(NODE.opType, 'DeformConv'),
    ...attributes.flatMap((content) => bytes(NODE.attribute, content)),
  ];
  const graph = [
    ...bytes(GRAPH.node, node),
    ...text(GRAPH.name, 'deformable convolution'),
    ...Object.entries(inputs).flatMap(([name, shape]) => bytes(GRAPH.input, valueInfo(name, shape))),
    ...bytes(GRAPH.output, valueInfo('y', output)),
  ];
  const opset = integer(OPSET.version, 19);
  return Uint8Array.from([
    ...integer(MODEL.irVersion, 9),
    ...bytes(MODEL.graph, graph),
    ...bytes(MODEL.opsetImport, opset),
  ]);
}
