/** A model in parts of few activations between them, each of which the backward pass computes again. */
import * as tf from '@tensorflow/tfjs';
import { identity } from '../ops/identity/op.js';
import { checkpoint } from './checkpoint.js';
import { chooseCuts } from './cuts.js';
import { elementCounts, layerCalls, type LayerCall } from './layer_calls.js';

/** Inputs and outputs of a model or a part of one, as the host's `call` reads them. */
type Graph = Pick<tf.LayersModel, 'inputs' | 'outputs'>;

/** A part of a model. */
interface Part extends Graph {
  /** Inputs that are read later as well. */
  readonly passed: readonly tf.SymbolicTensor[];
  /** True if the backward pass computes it again. */
  readonly again: boolean;
}

/** Arguments of a call beside its tensors: `training`. */
export type CallArguments = Parameters<tf.LayersModel['call']>[1];

/**
 * Calls a model part by part.
 *
 * @param values one tensor for each input
 * @returns one tensor for each output
 */
export function callInParts(graph: Graph, values: readonly tf.Tensor[], kwargs: CallArguments): tf.Tensor[] {
  const known = new Map(graph.inputs.map(({ id }, index) => [id, values[index]!]));
  for (const { inputs, outputs, passed, again } of partsOf(graph, values)) {
    const run = (...args: tf.Tensor[]): tf.Tensor[] => {
      // The host adds to its arguments.
      const made = tf.LayersModel.prototype.call.call({ inputs, outputs }, args, { ...kwargs }) as tf.Tensor[];
      // Through these, gradients of later parts come before those of this part, as in an ordinary backward pass.
      return [...made, ...passed.map((tensor) => identity(args[inputs.indexOf(tensor)]!))];
    };
    const results = (again ? checkpoint(run) : run)(...inputs.map(({ id }) => known.get(id)!));
    [...outputs, ...passed].forEach(({ id }, index) => known.set(id, results[index]!));
  }
  return graph.outputs.map(({ id }) => known.get(id)!);
}

/** Cuts a model where the least lives. */
function partsOf(graph: Graph, values: readonly tf.Tensor[]): readonly Part[] {
  const calls = layerCalls(graph);
  const shapes = values.map(({ shape }) => shape);
  const sizes = elementCounts(calls, graph.inputs, shapes);
  const sizeOf = (tensors: readonly tf.SymbolicTensor[]): number =>
    tensors.reduce((sum, { id }) => sum + sizes.get(id)!, 0);
  const living = calls.map((_, start) => sizeOf(livingAt(graph, calls, start)));
  const made = calls.map(({ outputs }) => sizeOf(outputs));
  const isWhole = calls.map(({ layer }) => runsWhole(layer));
  const around = calls.flatMap((_, index) => (isWhole[index] ? [index, index + 1] : []));
  const starts = [...new Set([0, ...chooseCuts(made, living), ...around])]
    .filter((start) => start < calls.length)
    .sort((a, b) => a - b);
  return starts.map((start, index) => {
    const end = starts[index + 1] ?? calls.length;
    // The backward pass begins with the last part, whose activations are still there.
    return { ...partOf(graph, calls, start, end), again: end < calls.length && !isWhole[start] };
  });
}

/** True for a layer that no part contains beside others: a model, which is cut itself, or one with a state of its own. */
function runsWhole(layer: tf.layers.Layer): boolean {
  return layer instanceof tf.LayersModel || layer.stateful;
}

/** Inputs and outputs of the calls from `start` to `end`. */
function partOf(graph: Graph, calls: readonly LayerCall[], start: number, end: number): Omit<Part, 'again'> {
  const part = calls.slice(start, end);
  const made = new Set(part.flatMap(({ outputs }) => outputs));
  const read = new Set(part.flatMap(({ inputs }) => inputs));
  const needed = new Set([...graph.outputs, ...calls.slice(end).flatMap(({ inputs }) => inputs)]);
  const inputs = [...read].filter((tensor) => !made.has(tensor));
  return {
    inputs,
    outputs: [...made].filter((tensor) => needed.has(tensor)),
    passed: inputs.filter((tensor) => needed.has(tensor)),
  };
}

/** Tensors that are there before a call and that it or later ones read. */
function livingAt(graph: Graph, calls: readonly LayerCall[], start: number): readonly tf.SymbolicTensor[] {
  const made = new Set([...graph.inputs, ...calls.slice(0, start).flatMap(({ outputs }) => outputs)]);
  return [...new Set(calls.slice(start).flatMap(({ inputs }) => inputs))].filter((tensor) => made.has(tensor));
}
