/** Memory layout of the values of a program on the wasm heap. */
import type * as tf from '@tensorflow/tfjs';
import { layOut, type Lifetime } from './arena.js';
import { bytesOf } from './bytes_of.js';
import { replacedInput } from './in_place.js';
import { readsOf, type Program } from './program.js';
import type { AssignStep, KernelStep, ValueId } from './recording.js';

/** Location of a value: an offset in the arena, or the memory of an existing tensor or variable. */
export type Place =
  { readonly in: 'arena'; readonly offset: number } | { readonly in: 'tensor'; readonly tensor: tf.Tensor };

/** Places of all values, and what has to be copied. */
export interface WasmLayout {
  /** By root. */
  readonly places: ReadonlyMap<ValueId, Place>;
  readonly bytes: number;
  /** Roots to copy into the arena first: arguments, and values that variables have at the start and are needed later. */
  readonly copiedIn: readonly ValueId[];
  /** Assignments that copy a value into the memory of the variable at the end; the others write there directly. */
  readonly copiedOut: readonly AssignStep[];
  /** Variables whose memory is written. */
  readonly written: readonly tf.Variable[];
}

/** Lays out the values of a program. */
export function layOutProgram(program: Program, constants: ReadonlyMap<ValueId, tf.Tensor>): WasmLayout {
  const { values, roots, steps, lastUses } = program;
  const assignments = steps.filter((step): step is AssignStep => step.kind === 'assign');
  // If a variable is assigned twice, nothing between the two is visible from outside.
  const last = new Map(assignments.map((step) => [step.variable, step]));
  const producers = producersOf(program);
  const places = new Map<ValueId, Place>();
  const copiedOut: AssignStep[] = [];
  const early = new Set<ValueId>();
  for (const step of last.values()) {
    const root = roots[step.value]!;
    if (assignments.length === last.size && isInPlace(program, step, producers)) {
      places.set(root, { in: 'tensor', tensor: step.variable });
    } else {
      copiedOut.push(step);
      if (values[root]!.origin.from === 'outside') early.add(root);
    }
  }
  const lifetimes = new Map<ValueId, Lifetime>();
  const copiedIn: ValueId[] = [];
  const assigned = new Set(copiedOut.map(({ value }) => roots[value]!));
  for (const [root, end] of lastUses) {
    if (places.has(root)) continue;
    const { origin, shape, dtype } = values[root]!;
    const constant = constants.get(root);
    if (constant) {
      places.set(root, { in: 'tensor', tensor: constant });
    } else if (origin.from === 'outside' && !early.has(root)) {
      places.set(root, { in: 'tensor', tensor: origin.tensor });
    } else {
      const producer = producers.get(root);
      if (!producer) copiedIn.push(root);
      lifetimes.set(root, {
        bytes: bytesOf(shape, dtype),
        first: producer?.index ?? -1,
        last: assigned.has(root) ? Infinity : end,
      });
    }
  }
  const replaced = replaceInputs(program, lifetimes);
  const { offsets, bytes } = layOut([...lifetimes.values()]);
  [...lifetimes.keys()].forEach((root, index) => places.set(root, { in: 'arena', offset: offsets[index]! }));
  for (const [root, input] of replaced) places.set(root, places.get(input)!);
  return { places, bytes, copiedIn, copiedOut, written: [...last.keys()] };
}

interface Producer {
  readonly step: KernelStep;
  readonly index: number;
  readonly output: number;
}

function producersOf({ steps }: Program): ReadonlyMap<ValueId, Producer> {
  const producers = new Map<ValueId, Producer>();
  steps.forEach((step, index) => {
    if (step.kind !== 'kernel') return;
    step.outputs.forEach((id, output) => producers.set(id, { step, index, output }));
  });
  return producers;
}

/** True if the kernel may write the new value over the old one, which nothing reads any more. */
function isInPlace(
  program: Program,
  { variable, value }: AssignStep,
  producers: ReadonlyMap<ValueId, Producer>,
): boolean {
  const { roots, values, lastUses } = program;
  const producer = producers.get(roots[value]!);
  const input = producer && replacedInput(producer.step.name, producer.output);
  if (!producer || input === undefined) return false;
  const old = roots[producer.step.inputs[input]!]!;
  const { origin } = values[old]!;
  return (
    origin.from === 'outside' &&
    origin.tensor === variable &&
    lastUses.get(old) === producer.index &&
    readsOf(producer.step).filter((id) => roots[id] === old).length === 1
  );
}

/**
 * Lets results take the places of inputs that nothing reads any more, which are in the cache: the two get one lifetime.
 *
 * @returns by the root of each of these results, that whose place it takes
 */
function replaceInputs({ steps, roots }: Program, lifetimes: Map<ValueId, Lifetime>): ReadonlyMap<ValueId, ValueId> {
  const replaced = new Map<ValueId, ValueId>();
  const ownerOf = (id: ValueId): ValueId => replaced.get(roots[id]!) ?? roots[id]!;
  steps.forEach((step, index) => {
    if (step.kind !== 'kernel') return;
    step.outputs.forEach((id, output) => {
      const input = step.inputs[replacedInput(step.name, output) ?? ''];
      const result = lifetimes.get(id);
      if (input === undefined || result === undefined) return;
      const owner = ownerOf(input);
      const before = lifetimes.get(owner);
      if (before?.last !== index || before.bytes !== result.bytes) return;
      if (readsOf(step).filter((read) => ownerOf(read) === owner).length > 1) return;
      lifetimes.set(owner, { ...before, last: result.last });
      lifetimes.delete(id);
      replaced.set(id, owner);
    });
  });
  return replaced;
}
