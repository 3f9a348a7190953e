/** ONNX models, written as protocol buffers. Message and field numbers: onnx.proto3. */
import { bytes, integer, text } from './protobuf.js';

const MODEL = { irVersion: 1, graph: 7, opsetImport: 8 } as const;
const OPSET = { version: 2 } as const;
const GRAPH = { node: 1, name: 2, initializer: 5, input: 11, output: 12 } as const;
const NODE = { input: 1, output: 2, opType: 4, attribute: 5 } as const;
const ATTRIBUTE = { name: 1, int: 3, ints: 8, type: 20 } as const;
const INITIALIZER = { dims: 1, dataType: 2, name: 8, rawData: 9 } as const;
const VALUE = { name: 1, type: 2 } as const;
const TYPE = { tensor: 1 } as const;
const TENSOR = { elementType: 1, shape: 2 } as const;
const SHAPE = { dim: 1 } as const;
const DIM = { value: 1 } as const;
const FLOAT = 1;
const ATTRIBUTE_TYPE = { int: 2, ints: 7 } as const;

export interface OnnxNode {
  readonly type: string;
  /** Names of values; an empty one is absent. */
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>;
}

/** A constant, float32. */
export interface OnnxConstant {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface OnnxGraph {
  readonly opset: number;
  readonly nodes: readonly OnnxNode[];
  readonly constants?: Readonly<Record<string, OnnxConstant>>;
  /** Shapes of the inputs and outputs, float32. */
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly outputs: Readonly<Record<string, readonly number[]>>;
}

/** Version of the format that came with operator set 19. */
const IR_VERSION = 9;

export function onnxModel({ opset, nodes, constants = {}, inputs, outputs }: OnnxGraph): Uint8Array {
  return Buffer.concat([
    integer(MODEL.irVersion, IR_VERSION),
    bytes(
      MODEL.graph,
      ...nodes.map((node) => bytes(GRAPH.node, ...nodeFields(node))),
      text(GRAPH.name, 'graph'),
      ...Object.entries(constants).map(([name, constant]) =>
        bytes(GRAPH.initializer, ...constantFields(name, constant)),
      ),
      ...Object.entries(inputs).map(([name, shape]) => bytes(GRAPH.input, ...valueFields(name, shape))),
      ...Object.entries(outputs).map(([name, shape]) => bytes(GRAPH.output, ...valueFields(name, shape))),
    ),
    bytes(MODEL.opsetImport, integer(OPSET.version, opset)),
  ]);
}

function nodeFields({ type, inputs, output, attributes = {} }: OnnxNode): Buffer[] {
  return [
    ...inputs.map((name) => text(NODE.input, name)),
    text(NODE.output, output),
    text(NODE.opType, type),
    ...Object.entries(attributes).map(([name, value]) => bytes(NODE.attribute, ...attributeFields(name, value))),
  ];
}

function attributeFields(name: string, value: number | readonly number[]): Buffer[] {
  const fields =
    typeof value === 'number'
      ? [integer(ATTRIBUTE.int, value), integer(ATTRIBUTE.type, ATTRIBUTE_TYPE.int)]
      : [...value.map((item) => integer(ATTRIBUTE.ints, item)), integer(ATTRIBUTE.type, ATTRIBUTE_TYPE.ints)];
  return [text(ATTRIBUTE.name, name), ...fields];
}

function constantFields(name: string, { shape, values }: OnnxConstant): Buffer[] {
  return [
    ...shape.map((length) => integer(INITIALIZER.dims, length)),
    integer(INITIALIZER.dataType, FLOAT),
    text(INITIALIZER.name, name),
    bytes(INITIALIZER.rawData, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  ];
}

function valueFields(name: string, shape: readonly number[]): Buffer[] {
  const dims = shape.map((length) => bytes(SHAPE.dim, integer(DIM.value, length)));
  const tensor = bytes(TYPE.tensor, integer(TENSOR.elementType, FLOAT), bytes(TENSOR.shape, ...dims));
  return [text(VALUE.name, name), bytes(VALUE.type, tensor)];
}
