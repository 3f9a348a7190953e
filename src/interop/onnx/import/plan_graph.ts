/** Plans the layers of a model from the graph of a file: all operators are checked first, then planned in order. */
import type { Action } from '../../../errors.js';
import { CorruptFileError } from '../../../errors.js';
import { simplify } from './compositions.js';
import type { Constant } from './constant.js';
import { FOLDED } from './fold.js';
import { brief, NotImportable, OnnxImportError, type UnimportedNode } from './import_error.js';
import { NodeUse, type AnyValue, type Operator, type Surroundings } from './node_use.js';
import { OPERATORS } from './operators.js';
import { Planner } from './planner.js';
import type { FileGraph, FileInput, FileNode } from './read_graph.js';
import { axisOf, CHANNELS_LAST, type Axis, type Value } from './value.js';

/** Inputs and outputs of a planned model. */
export interface Plan {
  readonly name: string;
  readonly inputs: Planner['inputs'];
  readonly outputs: readonly Value['source'][];
}

/** Code of float32. */
const FLOAT = 1;

/**
 * Plans a model.
 *
 * @throws OnnxImportError with all nodes that no layer computes
 */
export function planGraph(action: Action, given: FileGraph, file: string): Plan {
  const graph = simplify(given);
  const problems = new Map<FileNode, UnimportedNode>();
  const reject = (node: FileNode, reason: string): void => {
    const operator = node.domain === '' ? node.type : `${node.domain}.${node.type}`;
    problems.set(node, { name: node.name, operator, reason });
  };
  for (const node of graph.nodes) {
    const reason = unknownPart(node);
    if (reason !== undefined) reject(node, reason);
  }
  const values = new Map<string, AnyValue>(graph.constants);
  const around = surroundings(graph, values);
  for (const input of graph.inputs) {
    try {
      values.set(input.name, planInput(around.planner, graph, input));
    } catch (error) {
      if (!(error instanceof NotImportable)) throw error;
      throw new CorruptFileError(
        action,
        `the input '${brief(input.name)}' must be one of a convolutional network (${error.message})`,
        file,
      );
    }
  }
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => values.get(name));
    const isComplete = node.inputs.every((name, index) => name === '' || inputs[index] !== undefined);
    // Nodes after one that was rejected are only checked by their type and attributes.
    if (problems.has(node) || !isComplete) continue;
    try {
      const results = compute(node, inputs, around);
      node.outputs.forEach((name, index) => {
        const result = results[index];
        if (result !== undefined) values.set(name, result);
      });
    } catch (error) {
      reject(node, reasonOf(error));
    }
  }
  const outputs = problems.size > 0 ? [] : planOutputs(graph, values, around.planner, reject);
  if (problems.size > 0) throw new OnnxImportError(action, [...problems.values()], file);
  return { name: graph.name, inputs: around.planner.inputs, outputs };
}

/** Reason why a node is refused: one of ours, or what went wrong with parts that do not fit together. */
function reasonOf(error: unknown): string {
  const { message } = error as Error;
  return error instanceof NotImportable ? message : `its parts must fit together (${message.slice(0, 200)})`;
}

/** Reason why a node is refused whatever its inputs are. */
function unknownPart({ type, domain, attributes }: FileNode): string | undefined {
  const operators = [FOLDED, OPERATORS].flatMap((table) => (Object.hasOwn(table, type) ? [table[type]!] : []));
  if (domain !== '' || operators.length === 0) return 'there is no layer for this operator';
  const understood = operators.flatMap((operator) => operator.attributes ?? []);
  const unknown = [...attributes.keys()].filter((name) => !understood.includes(name));
  return unknown.length === 0 ? undefined : `its attribute ${brief(unknown.join(', '))} is unknown`;
}

function compute(node: FileNode, inputs: readonly (AnyValue | undefined)[], around: Surroundings): readonly AnyValue[] {
  const use = new NodeUse(node, inputs, around);
  const isConstant = inputs.every((input) => input?.kind !== 'tensor');
  const table: Readonly<Record<string, Operator>> = isConstant ? FOLDED : OPERATORS;
  if (!Object.hasOwn(table, node.type)) {
    throw new NotImportable(isConstant ? 'its inputs must not all be constants' : 'its inputs must be constants');
  }
  return [table[node.type]!.build(use)].flat();
}

function surroundings(graph: FileGraph, values: ReadonlyMap<string, AnyValue>): Surroundings {
  const uses = new Map<string, number>();
  for (const name of [...graph.nodes.flatMap(({ inputs }) => inputs), ...graph.outputs]) {
    uses.set(name, (uses.get(name) ?? 0) + 1);
  }
  return {
    opset: graph.opset,
    planner: new Planner(),
    uses: (name) => uses.get(name) ?? 0,
    tensors: () => [...values.values()].filter((value): value is Value => value.kind === 'tensor'),
  };
}

/** Plans an input: images, channels first in most files, become channels last. */
function planInput(planner: Planner, graph: FileGraph, { name, elementType, dims }: FileInput): Value {
  if (elementType !== FLOAT) throw new NotImportable(`its type must be float32, not type ${elementType}`);
  if (dims === undefined || dims.length < 2) throw new NotImportable('its rank must be known and at least 2');
  if (typeof dims[0] === 'number') planner.fixedBatch = dims[0];
  const axes = dims.map((size, axis): Axis => {
    if (axis === 0) return [planner.batch];
    return axisOf(typeof size === 'number' ? size : planner.sizes.symbol(size ?? `${name} ${axis}`));
  });
  const isLast = isChannelsLast(graph, name);
  const stored = axes.length === 4 && !isLast ? CHANNELS_LAST.map((axis) => axes[axis]!) : axes;
  return planner.input(name, stored, axes);
}

/** Operators before the transpose of a file whose images are channels last. */
const ELEMENTWISE = ['Add', 'Cast', 'Clip', 'Div', 'Identity', 'Mul', 'Sub'];

/** True if the images of an input are moved to channels first before any operator that knows channels. */
function isChannelsLast({ nodes }: FileGraph, input: string): boolean {
  const same = new Set([input]);
  let moves = false;
  for (const { type, inputs, outputs, attributes } of nodes) {
    if (!inputs.some((name) => same.has(name))) continue;
    const perm = attributes.get('perm');
    const isMove = type === 'Transpose' && Array.isArray(perm) && perm.join() === '0,3,1,2';
    if (!isMove && !ELEMENTWISE.includes(type)) return false;
    if (isMove) moves = true;
    else same.add(outputs[0]!);
  }
  return moves;
}

/** Plans the outputs: images that are channels first in the file become channels last. */
function planOutputs(
  graph: FileGraph,
  values: ReadonlyMap<string, AnyValue>,
  planner: Planner,
  reject: (node: FileNode, reason: string) => void,
): Value['source'][] {
  return graph.outputs.flatMap((name) => {
    const node = graph.nodes.find(({ outputs }) => outputs.includes(name)) ?? UNKNOWN_NODE;
    const value = values.get(name) as AnyValue | Constant;
    try {
      if (value.kind !== 'tensor') throw new NotImportable('an output must depend on an input');
      const plain = value.axes.map((_, axis) => axis);
      const usual = value.axes.length === 4 ? CHANNELS_LAST : plain;
      return [planner.arrange(value, planner.orderOf(value) ?? usual, name).source];
    } catch (error) {
      if (!(error instanceof NotImportable)) throw error;
      reject(node, error.message);
      return [];
    }
  });
}

/** Stands for the node of an output that is also an input. */
const UNKNOWN_NODE: FileNode = { type: '', domain: '', name: '', inputs: [], outputs: [], attributes: new Map() };
