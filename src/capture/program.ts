/** A recording reduced to what a replay has to do: without copies, constants and results that nothing reads. */
import type * as tf from '@tensorflow/tfjs';
import { computationOf } from '../kernel/live_attributes.js';
import type { KernelStep, Recording, ResultTree, Step, Value, ValueId } from './recording.js';

/** Kernels whose result is their input. */
const COPIES: ReadonlySet<string> = new Set(['Identity', 'Convolutions/Identity']);

/** Kernels whose result has the elements of their input in another shape. */
const RESHAPES: ReadonlySet<string> = new Set(['Reshape', 'ExpandDims']);

/** Index of a step that stands for the end of the program. */
const END = Infinity;

/** Options of {@link programOf}. */
export interface ProgramOptions {
  /** True if a tensor can be read in another shape without running a kernel. */
  readonly dropReshapes: boolean;
}

/** Steps of a replay, and what they need. */
export interface Program {
  readonly values: readonly Value[];
  /** For each value, the one whose memory it shares; itself if that is its own. */
  readonly roots: readonly ValueId[];
  /** Steps that run once, when the replay is prepared: the same inputs give the same results in every call. */
  readonly constants: readonly KernelStep[];
  /** Roots whose values never change. */
  readonly constantRoots: ReadonlySet<ValueId>;
  readonly steps: readonly Step[];
  readonly result: ResultTree;
  /** Index of the last step that reads a root; infinite if the result does. */
  readonly lastUses: ReadonlyMap<ValueId, number>;
  /** Number of recorded kernels that a replay does not run. */
  readonly dropped: number;
}

/** Reduces a recording. */
export function programOf(recording: Recording, options: ProgramOptions): Program {
  const { values, result } = recording;
  const roots = values.map((_, id) => id);
  const rootOf = (id: ValueId): ValueId => roots[id]!;
  const kept = recording.steps.filter((step) => {
    if (step.kind !== 'kernel' || !isCopy(step, values, options)) return true;
    roots[step.outputs[0]!] = rootOf(step.inputs['x'] ?? step.inputs['input'] ?? Object.values(step.inputs)[0]!);
    return false;
  });
  const needed = withoutUnread(kept, rootOf, result);
  const { constants, constantRoots, steps } = splitConstants(needed, values, rootOf);
  const kernels = (list: readonly Step[]): number => list.filter(({ kind }) => kind === 'kernel').length;
  return {
    values,
    roots,
    constants,
    constantRoots,
    steps,
    result,
    lastUses: lastUsesOf(steps, rootOf, result),
    dropped: kernels(recording.steps) - kernels(steps),
  };
}

/** Values at the leaves of a result. */
export function leavesOf(tree: ResultTree): readonly ValueId[] {
  if ('value' in tree) return [tree.value];
  if ('list' in tree) return tree.list.flatMap(leavesOf);
  if ('entries' in tree) return Object.values(tree.entries).flatMap(leavesOf);
  return [];
}

/** Values that a step reads. */
export function readsOf(step: Step): readonly ValueId[] {
  if (step.kind === 'kernel') return Object.values(step.inputs);
  return step.kind === 'assign' ? [step.value] : [];
}

function isCopy(step: KernelStep, values: readonly Value[], { dropReshapes }: ProgramOptions): boolean {
  if (COPIES.has(step.name)) return true;
  if (RESHAPES.has(step.name)) return dropReshapes;
  if (step.name !== 'Cast') return false;
  return values[Object.values(step.inputs)[0]!]!.dtype === values[step.outputs[0]!]!.dtype;
}

/** Steps without those whose results nothing reads. */
function withoutUnread(steps: readonly Step[], rootOf: (id: ValueId) => ValueId, result: ResultTree): readonly Step[] {
  const read = new Set(leavesOf(result).map(rootOf));
  const kept = [...steps].reverse().filter((step) => {
    if (step.kind === 'kernel' && !step.outputs.some((id) => read.has(id))) return false;
    for (const id of readsOf(step)) read.add(rootOf(id));
    return true;
  });
  return kept.reverse();
}

function splitConstants(
  steps: readonly Step[],
  values: readonly Value[],
  rootOf: (id: ValueId) => ValueId,
): Pick<Program, 'constants' | 'constantRoots' | 'steps'> {
  const constantRoots = new Set<ValueId>();
  values.forEach(({ origin }, id) => {
    if (origin.from === 'numbers') constantRoots.add(id);
  });
  const constants: KernelStep[] = [];
  const rest = steps.filter((step) => {
    const isConstant =
      step.kind === 'kernel' &&
      computationOf(step.attributes) === undefined &&
      readsOf(step).every((id) => constantRoots.has(rootOf(id)));
    if (!isConstant) return true;
    constants.push(step);
    for (const id of step.outputs) constantRoots.add(id);
    return false;
  });
  return { constants, constantRoots, steps: rest };
}

/** Index of the last step that reads each root. */
export function lastUsesOf(
  steps: readonly Step[],
  rootOf: (id: ValueId) => ValueId,
  result: ResultTree,
): ReadonlyMap<ValueId, number> {
  const uses = new Map<ValueId, number>();
  steps.forEach((step, index) => {
    for (const id of readsOf(step)) uses.set(rootOf(id), index);
    // A result that nothing reads, beside one that is read.
    if (step.kind === 'kernel') for (const id of step.outputs) if (!uses.has(id)) uses.set(id, index);
  });
  for (const id of leavesOf(result)) uses.set(rootOf(id), END);
  return uses;
}

/** Inputs of a kernel in the form that it takes. */
export function inputsOf<Operand>(
  step: KernelStep,
  operand: (id: ValueId) => Operand,
): Record<string, Operand> | Operand[] {
  if (step.isList) return Object.values(step.inputs).map(operand);
  return Object.fromEntries(Object.entries(step.inputs).map(([name, id]) => [name, operand(id)]));
}

/** Creates the result of a call. */
export function resultOf(tree: ResultTree, args: readonly tf.Tensor[], leaf: (id: ValueId) => tf.Tensor): unknown {
  if ('value' in tree) return leaf(tree.value);
  if ('tensor' in tree) return tree.tensor;
  if ('argument' in tree) return args[tree.argument]!;
  if ('list' in tree) return tree.list.map((part) => resultOf(part, args, leaf));
  if ('nothing' in tree) return tree.nothing;
  return Object.fromEntries(Object.entries(tree.entries).map(([name, part]) => [name, resultOf(part, args, leaf)]));
}
