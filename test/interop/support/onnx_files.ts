/** ONNX files for the import: made of nodes, or kept as graphs without weights. */
import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Random } from '../../support/random.js';

/** Value of an attribute: an integer, a text, integers, or a float. */
export type Attribute = number | string | readonly number[] | { readonly float: number };

/** A constant: real numbers, or integers. */
export interface FileConstant {
  readonly dims: readonly number[];
  readonly values: readonly number[] | Float32Array;
  /** Code of the type. @default float32 */
  readonly type?: number;
}

/** A node: operator, inputs, outputs, attributes. */
export type FileNode = readonly [
  type: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes?: Readonly<Record<string, Attribute>>,
];

/** Parts of a file. */
export interface FileParts {
  readonly nodes: readonly FileNode[];
  /** Sizes of the input `x`; a text for one that varies. */
  readonly x?: readonly (number | string)[] | undefined;
  readonly constants?: Readonly<Record<string, FileConstant>>;
  /** @default ['y'] */
  readonly outputs?: readonly string[];
  /** @default 17 */
  readonly opset?: number;
}

const FLOAT = 1;
const INTEGER = 7;

/** Packages that read and write files. */
export async function format() {
  const { create, fromBinary, toBinary } = await import('@bufbuild/protobuf');
  const { ModelProtoSchema, StringStringEntryProtoSchema } = await import('onnx-buf');
  return { create, fromBinary, toBinary, ModelProtoSchema, StringStringEntryProtoSchema };
}

/** Makes a file. */
export async function makeFile({
  nodes,
  x = ['n', 3, 8, 7],
  constants = {},
  outputs = ['y'],
  opset = 17,
}: FileParts): Promise<Uint8Array> {
  const { create, toBinary, ModelProtoSchema } = await format();
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ domain: '', version: BigInt(opset) }],
    graph: {
      name: 'made',
      node: nodes.map(([opType, input, output, attributes = {}]) => ({
        opType,
        input: [...input],
        output: [...output],
        attribute: Object.entries(attributes).map(([name, value]) => ({ name, ...attributeOf(value) })),
      })),
      initializer: Object.entries(constants).map(([name, constant]) => tensorOf(name, constant)),
      input: [portOf('x', x)],
      output: outputs.map((name) => portOf(name)),
    },
  });
  return toBinary(ModelProtoSchema, model);
}

/** Parts of a tensor. */
function tensorOf(name: string, { dims, values, type = FLOAT }: FileConstant) {
  const bytes = type === INTEGER ? BigInt64Array.from(values, BigInt).buffer : Float32Array.from(values).buffer;
  return { name, dims: dims.map(BigInt), dataType: type, rawData: new Uint8Array(bytes) };
}

function attributeOf(value: Attribute) {
  if (typeof value === 'number') return { type: 2, i: BigInt(value) };
  if (typeof value === 'string') return { type: 3, s: new TextEncoder().encode(value) };
  if ('float' in value) return { type: 1, f: value.float };
  return { type: 7, ints: value.map(BigInt) };
}

function portOf(name: string, dims?: readonly (number | string)[]) {
  const dim = dims?.map((size) => ({
    value:
      typeof size === 'number'
        ? { case: 'dimValue' as const, value: BigInt(size) }
        : { case: 'dimParam' as const, value: size },
  }));
  return {
    name,
    type: { value: { case: 'tensorType' as const, value: { elemType: FLOAT, ...(dim && { shape: { dim } }) } } },
  };
}

/** Integers as a constant. */
export function integers(...values: readonly number[]): FileConstant {
  return { dims: [values.length], values, type: INTEGER };
}

/** Random numbers as a constant. */
export function randoms(dims: readonly number[], seed = 1, spread = 0.5): FileConstant {
  const random = new Random(seed);
  const size = dims.reduce((product, length) => product * length, 1);
  return { dims, values: Float32Array.from({ length: size }, () => (2 * random.next() - 1) * spread) };
}

const GRAPHS = path.resolve(__dirname, '../onnx_graphs');

/** Names of the kept graphs. */
export const GRAPH_NAMES = fs
  .readdirSync(GRAPHS)
  .filter((name) => name.endsWith('.onnx.gz'))
  .map((name) => name.replace('.onnx.gz', ''))
  .sort();

/** A kept graph with random weights. */
export async function graphWithWeights(name: string): Promise<Uint8Array> {
  const { fromBinary, toBinary, ModelProtoSchema } = await format();
  const model = fromBinary(ModelProtoSchema, gunzipSync(fs.readFileSync(path.join(GRAPHS, `${name}.onnx.gz`))));
  const random = new Random(1);
  for (const tensor of model.graph!.initializer) {
    if (tensor.dataType !== FLOAT || tensor.rawData.length > 0 || tensor.floatData.length > 0) continue;
    const dims = tensor.dims.map(Number);
    const size = dims.reduce((product, length) => product * length, 1);
    // Keeps the spread of activations from layer to layer.
    const spread = dims.length > 1 ? Math.sqrt((6 * dims[0]!) / size) : 0.2;
    const values = Float32Array.from({ length: size }, () => (2 * random.next() - 1) * spread);
    tensor.rawData = new Uint8Array(values.buffer);
  }
  return toBinary(ModelProtoSchema, model);
}

/** The messages of a file. */
export type StoredModel = Awaited<ReturnType<typeof decode>>;

/** Reads the messages of a file. */
export async function decode(bytes: Uint8Array) {
  const { fromBinary, ModelProtoSchema } = await format();
  return fromBinary(ModelProtoSchema, bytes);
}

/** A file that is changed after it was made. */
export async function changed(parts: FileParts, change: (model: StoredModel) => void): Promise<Uint8Array> {
  const { toBinary, ModelProtoSchema } = await format();
  const model = await decode(await makeFile(parts));
  change(model);
  return toBinary(ModelProtoSchema, model);
}
