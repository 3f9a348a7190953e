/** ONNX models of a few nodes, encoded as `exportOnnx` encodes them: operator set 19. */
import type { Port } from '../../src/interop/onnx/build_graph.js';
import { encodeModel } from '../../src/interop/onnx/encode.js';
import { OnnxGraph, type Attributes } from '../../src/interop/onnx/graph.js';
import { loadFormat } from '../../src/interop/onnx/load_format.js';

export interface OnnxNode {
  readonly type: string;
  /** Names of values; an empty one is absent. */
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes?: Attributes;
}

/** A constant, float32. */
export interface OnnxConstant {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface OnnxParts {
  readonly nodes: readonly OnnxNode[];
  readonly constants?: Readonly<Record<string, OnnxConstant>>;
  /** Shapes of the inputs and outputs, float32. */
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly outputs: Readonly<Record<string, readonly number[]>>;
}

/** Encodes a model. */
export async function onnxModel({ nodes, constants = {}, inputs, outputs }: OnnxParts): Promise<Uint8Array> {
  const graph = new OnnxGraph();
  for (const [name, constant] of Object.entries(constants)) graph.constant(name, constant);
  for (const { type, inputs: given, output, attributes = {} } of nodes) {
    graph.nodes.push({ type, inputs: [...given], outputs: [output], attributes });
  }
  const ports = (shapes: OnnxParts['inputs']): Port[] =>
    Object.entries(shapes).map(([name, shape]) => ({ name, shape, dtype: 'float32' }));
  const built = { name: 'graph', graph, inputs: ports(inputs), outputs: ports(outputs) };
  return encodeModel(await loadFormat('make an ONNX model'), built, {}).model;
}
