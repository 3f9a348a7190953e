/** Reads the graph of an ONNX file: its nodes, constants, inputs and outputs. */
import { CorruptFileError, type Action } from '../../../errors.js';
import { loadFormat } from '../load_format.js';
import type { Constant } from './constant.js';
import { brief } from './import_error.js';
import { externalLocation, InvalidTensor, readTensor, type ExternalBytes, type StoredTensor } from './read_tensor.js';

/** Value of an attribute of a node. */
export type AttributeValue = number | string | readonly number[] | Constant;

/** A node of the file. */
export interface FileNode {
  readonly type: string;
  /** Empty for ONNX's own operators. */
  readonly domain: string;
  /** Its name, or that of its first output. */
  readonly name: string;
  /** Names of values; an empty one is absent. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Undefined for a value of a kind that no supported operator has. */
  readonly attributes: ReadonlyMap<string, AttributeValue | undefined>;
}

/** An input of the graph. */
export interface FileInput {
  readonly name: string;
  /** Code of the element type. */
  readonly elementType: number;
  /** Sizes, names of sizes that vary, or undefined; no list if even the rank is unknown. */
  readonly dims: readonly (number | string | undefined)[] | undefined;
}

/** The graph of a file. */
export interface FileGraph {
  readonly name: string;
  readonly opset: number;
  readonly nodes: readonly FileNode[];
  readonly inputs: readonly FileInput[];
  readonly outputs: readonly string[];
  readonly constants: ReadonlyMap<string, Constant>;
}

/** Operator sets whose meaning is known. */
const OPSETS = { from: 7, to: 23 } as const;
/** Names of ONNX's own domain. */
const OWN_DOMAINS = ['', 'ai.onnx'];

/** Codes of attribute types. */
const ATTRIBUTE = { float: 1, integer: 2, string: 3, tensor: 4, floats: 6, integers: 7 } as const;

/** A decoded file, as far as it is read. */
export interface StoredModel {
  readonly opsetImport: readonly { readonly domain: string; readonly version: bigint }[];
  readonly graph?: StoredGraph;
  readonly metadataProps: readonly { readonly key: string; readonly value: string }[];
}

interface StoredGraph {
  readonly name: string;
  readonly node: readonly StoredNode[];
  readonly initializer: readonly StoredTensor[];
  readonly sparseInitializer: readonly unknown[];
  readonly input: readonly StoredPort[];
  readonly output: readonly { readonly name: string }[];
}

interface StoredNode {
  readonly name: string;
  readonly opType: string;
  readonly domain: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly StoredAttribute[];
}

interface StoredPort {
  readonly name: string;
  readonly type?: { readonly value: { readonly case: string | undefined; readonly value?: unknown } };
}

/** Type of a tensor. */
interface StoredTensorType {
  readonly elemType: number;
  readonly shape?: { readonly dim: readonly { readonly value: { readonly value?: bigint | string } }[] };
}

/**
 * Decodes a file.
 *
 * @param file name of the file in errors
 * @throws MissingPackageError if the decoder is not installed; CorruptFileError if the file is no ONNX file
 */
export async function decodeFile(action: Action, bytes: Uint8Array, file: string): Promise<StoredModel> {
  const { fromBinary, ModelProtoSchema } = await loadFormat(action);
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    throw new CorruptFileError(action, `the file must be ONNX (${(error as Error).message.slice(0, 200)})`, file);
  }
}

/** Names of the files in which the constants of a file are. */
export function externalLocations({ graph }: StoredModel): string[] {
  const locations = (graph?.initializer ?? []).map((tensor) => externalLocation(tensor));
  return [...new Set(locations.filter((location) => location !== undefined))];
}

/**
 * Reads the graph.
 *
 * @throws CorruptFileError if its parts do not fit together
 */
export function readGraph(action: Action, model: StoredModel, external: ExternalBytes, file: string): FileGraph {
  const corrupt = (rule: string): CorruptFileError => new CorruptFileError(action, rule, file);
  const { graph } = model;
  if (graph === undefined) throw corrupt('the file must be ONNX and have a graph');
  const set = model.opsetImport.find(({ domain }) => OWN_DOMAINS.includes(domain));
  const opset = Number(set?.version ?? 0n);
  if (!(opset >= OPSETS.from && opset <= OPSETS.to)) {
    throw corrupt(`the operator set must be one of ${OPSETS.from} to ${OPSETS.to}, not ${opset}`);
  }
  if (graph.sparseInitializer.length > 0) throw corrupt('its constants must not be sparse');
  const read = (tensor: StoredTensor, name: string): Constant => {
    try {
      return readTensor(tensor, external);
    } catch (error) {
      if (!(error instanceof InvalidTensor)) throw error;
      throw corrupt(`the constant '${brief(name)}' must be valid (${error.message})`);
    }
  };
  const constants = new Map(graph.initializer.map((tensor) => [tensor.name, read(tensor, tensor.name)]));
  const nodes = graph.node.map((node): FileNode => {
    const name = node.name === '' ? (node.output[0] ?? '') : node.name;
    const attributes = node.attribute.map(
      (attribute) => [attribute.name, readAttribute(attribute, (tensor) => read(tensor, name))] as const,
    );
    return {
      name,
      type: node.opType,
      domain: OWN_DOMAINS.includes(node.domain) ? '' : node.domain,
      inputs: node.input,
      outputs: node.output,
      attributes: new Map(attributes),
    };
  });
  const inputs = graph.input.flatMap(({ name, type }): FileInput[] => {
    // Files of before 2019 list the constants among the inputs.
    if (constants.has(name)) return [];
    if (type?.value.case !== 'tensorType') throw corrupt(`the input '${brief(name)}' must be a tensor`);
    const { elemType, shape } = type.value.value as StoredTensorType;
    return [{ name, elementType: elemType, dims: shape?.dim.map(({ value }) => dimOf(value.value)) }];
  });
  const outputs = graph.output.map(({ name }) => name);
  if (outputs.length === 0) throw corrupt('its graph must have an output');
  checkOrder(corrupt, nodes, new Set([...constants.keys(), ...inputs.map(({ name }) => name)]), outputs);
  return { name: graph.name, opset, nodes, inputs, outputs, constants };
}

/** A size of −1 means one that varies, although ONNX has no such rule. */
function dimOf(value: bigint | string | undefined): number | string | undefined {
  if (typeof value === 'bigint') return value > 0n ? Number(value) : undefined;
  return value === '' ? undefined : value;
}

/** An attribute of a node in the file. */
interface StoredAttribute {
  readonly name: string;
  readonly type: number;
  readonly f: number;
  readonly i: bigint;
  readonly s: Uint8Array;
  readonly t?: StoredTensor;
  readonly floats: readonly number[];
  readonly ints: readonly bigint[];
}

function readAttribute(
  { type, f, i, s, t, floats, ints }: StoredAttribute,
  tensor: (tensor: StoredTensor) => Constant,
): AttributeValue | undefined {
  switch (type) {
    case ATTRIBUTE.float:
      return f;
    case ATTRIBUTE.integer:
      return Number(i);
    case ATTRIBUTE.string:
      return new TextDecoder().decode(s);
    case ATTRIBUTE.tensor:
      return t === undefined ? undefined : tensor(t);
    case ATTRIBUTE.floats:
      return floats;
    case ATTRIBUTE.integers:
      return ints.map(Number);
    default:
      return undefined;
  }
}

/** Checks that every value is made once, before it is used: so there are no cycles. */
function checkOrder(
  corrupt: (rule: string) => CorruptFileError,
  nodes: readonly FileNode[],
  known: Set<string>,
  outputs: readonly string[],
): void {
  for (const node of nodes) {
    for (const input of node.inputs) {
      if (input === '' || known.has(input)) continue;
      throw corrupt(
        `the nodes must be in order of computation ('${brief(node.name)}' reads '${brief(input)}' before it is made)`,
      );
    }
    for (const output of node.outputs) {
      if (output === '') continue;
      if (known.has(output)) throw corrupt(`every value must be made once ('${brief(output)}' is made twice)`);
      known.add(output);
    }
  }
  const missing = outputs.find((output) => !known.has(output));
  if (missing !== undefined) throw corrupt(`its outputs must be made ('${brief(missing)}' is not)`);
}
