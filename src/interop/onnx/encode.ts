/** Encodes a graph as an ONNX file. */
import type { BuiltGraph, Port } from './build_graph.js';
import type { Attribute, ConstantValues, OnnxConstant, OnnxNode } from './graph.js';
import type { Format } from './load_format.js';

/** Operator set, the first one with DeformConv; runtimes of 2023 and later have it. */
const OPSET = 19n;
/** Version of the format that came with it: not the latest, which older runtimes refuse. */
const IR_VERSION = 9n;
const PRODUCER = 'tfjs-convolutions';

/** Codes of attribute types. */
const ATTRIBUTE_TYPE = { float: 1, integer: 2, string: 3, integers: 7 } as const;
/** Codes of element types. */
const ELEMENT_TYPE = { float32: 1, int32: 6, int64: 7, bool: 9, float16: 10 } as const;
/** Code of tensors in another file. */
const EXTERNAL = 1;

/** Bytes from which a constant may lie in another file. */
export const SMALLEST_EXTERNAL = 1024;
/** Alignment of constants in another file, so that they can be mapped into memory. */
const ALIGNMENT = 4096;

/** Constants in another file. */
export interface ExternalFile {
  /** Name of the file, beside the model. */
  readonly location: string;
}

/** An encoded model. */
export interface EncodedModel {
  readonly model: Uint8Array;
  /** Parts of the file of constants, in order. */
  readonly external: readonly Uint8Array[];
}

/**
 * Encodes a model.
 *
 * @param metadata texts by key
 * @param file file of the large constants, if they are not in the model
 */
export function encodeModel(
  { create, toBinary, ModelProtoSchema }: Format,
  { name, graph, inputs, outputs }: BuiltGraph,
  metadata: Readonly<Record<string, string>>,
  file?: ExternalFile,
): EncodedModel {
  const external: Uint8Array[] = [];
  let end = 0;
  const place = (bytes: Uint8Array<ArrayBuffer>): { readonly offset: number; readonly length: number } => {
    const offset = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
    external.push(new Uint8Array(offset - end), bytes);
    end = offset + bytes.length;
    return { offset, length: bytes.length };
  };
  const initializer = (constantName: string, { shape, values }: OnnxConstant) => {
    const rawData = bytesOf(values);
    const tensor = { name: constantName, dims: shape.map(BigInt), dataType: elementTypeOf(values) };
    if (file === undefined || rawData.length < SMALLEST_EXTERNAL) return { ...tensor, rawData };
    const entries = { location: file.location, ...place(rawData) };
    const externalData = Object.entries(entries).map(([key, value]) => ({ key, value: String(value) }));
    return { ...tensor, dataLocation: EXTERNAL, externalData };
  };
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: PRODUCER,
    opsetImport: [{ domain: '', version: OPSET }],
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    graph: {
      name,
      node: graph.nodes.map(nodeOf),
      initializer: [...graph.constants].map(([constantName, constant]) => initializer(constantName, constant)),
      input: inputs.map(portOf),
      output: outputs.map(portOf),
    },
  });
  return { model: toBinary(ModelProtoSchema, model), external };
}

function nodeOf({ type, inputs, outputs, attributes }: OnnxNode) {
  return {
    name: outputs[0]!,
    opType: type,
    input: inputs,
    output: outputs,
    attribute: Object.entries(attributes).map(([name, value]) => ({ name, ...attributeOf(value) })),
  };
}

function attributeOf(value: Attribute) {
  if (typeof value === 'number') return { type: ATTRIBUTE_TYPE.integer, i: BigInt(value) };
  if (typeof value === 'string') return { type: ATTRIBUTE_TYPE.string, s: new TextEncoder().encode(value) };
  if ('float' in value) return { type: ATTRIBUTE_TYPE.float, f: value.float };
  return { type: ATTRIBUTE_TYPE.integers, ints: value.map(BigInt) };
}

function portOf({ name, shape, dtype }: Port) {
  const dim = shape.map((size) => {
    if (size === undefined) return {};
    return typeof size === 'number'
      ? { value: { case: 'dimValue' as const, value: BigInt(size) } }
      : { value: { case: 'dimParam' as const, value: size } };
  });
  const elemType = ELEMENT_TYPE[dtype as keyof typeof ELEMENT_TYPE];
  return { name, type: { value: { case: 'tensorType' as const, value: { elemType, shape: { dim } } } } };
}

function elementTypeOf(values: ConstantValues): number {
  if (values instanceof Float32Array) return ELEMENT_TYPE.float32;
  return values instanceof Uint16Array ? ELEMENT_TYPE.float16 : ELEMENT_TYPE.int64;
}

/** Bytes of the values: little-endian, as on every machine that JavaScript runs on. */
function bytesOf({ buffer, byteOffset, byteLength }: ConstantValues): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}
