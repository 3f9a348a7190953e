/**
 * Normalised activations that the backward pass computes a second time instead of keeping them: it reads their input anyway, and
 * between the two passes their memory serves other values, which then more often are in the cache.
 */
import type * as tf from '@tensorflow/tfjs';
import { BATCH_NORM, BATCH_NORM_INFERENCE, BATCH_NORM_TWICE } from '../ops/batch_norm/kernels.js';
import * as wasm from '../ops/batch_norm/wasm.js';
import { bytesOf } from './bytes_of.js';
import { lastUsesOf, readsOf, type Program } from './program.js';
import type { KernelStep, Step, Value, ValueId } from './recording.js';

/** Kernels that only replays run. */
export const REPLAY_KERNELS: ReadonlyMap<string, tf.KernelConfig> = new Map(
  [wasm.first, wasm.again].map((kernel) => [kernel.kernelName, kernel]),
);

/** Size in bytes of the results between two uses of a value from which it has left the cache of a core by the second. */
const CACHE = 2 ** 18;

/** A value that is computed again. */
interface Return {
  /** Step that reads it first after the long pause. */
  readonly from: number;
  readonly value: ValueId;
}

/** Returns a program with the same results, for the wasm backend. */
export function normalisedTwice(program: Program): Program {
  const twice = new Twice(program);
  program.steps.forEach((step, index) => {
    if (step.kind === 'kernel') twice.add(step, index);
  });
  return twice.build();
}

class Twice {
  private readonly values: Value[];
  private readonly roots: ValueId[];
  /** By root. */
  private readonly returns = new Map<ValueId, Return>();
  /** Kernels that compute a value again, by the step before which they run. */
  private readonly inserted = new Map<number, KernelStep[]>();
  /** Steps that take the places of others. */
  private readonly replaced = new Map<number, KernelStep>();
  private readonly uses: ReadonlyMap<ValueId, readonly number[]>;
  /** Bytes of the results of the steps before each. */
  private readonly written: readonly number[];

  constructor(private readonly program: Program) {
    const { values, roots, steps } = program;
    this.values = [...values];
    this.roots = [...roots];
    const uses = new Map<ValueId, number[]>();
    const written: number[] = [];
    let bytes = 0;
    steps.forEach((step, index) => {
      written.push(bytes);
      for (const root of new Set(readsOf(step).map((id) => roots[id]!))) {
        uses.set(root, [...(uses.get(root) ?? []), index]);
      }
      if (step.kind !== 'kernel') return;
      for (const id of step.outputs) bytes += bytesOf(values[id]!.shape, values[id]!.dtype);
    });
    this.uses = uses;
    this.written = written;
  }

  /** Has a step's value computed twice if that is a normalisation and pays. */
  add(step: KernelStep, index: number): void {
    const isTraining = step.name === BATCH_NORM.forward;
    if (!isTraining && step.name !== BATCH_NORM_INFERENCE.forward) return;
    const y = step.outputs[0]!;
    const from = this.returnOf(y);
    if (from === undefined || !this.isReadFrom(step.inputs['x']!, from)) return;
    const { shape, dtype } = this.values[y]!;
    const value = this.make(shape, dtype);
    this.returns.set(y, { from, value });
    let again: KernelStep = { ...step, outputs: [value] };
    if (isTraining) {
      const mean = step.outputs[1]!;
      const coefficients = this.make([2, shape.at(-1)!], dtype);
      this.replaced.set(index, { ...step, name: BATCH_NORM_TWICE.first, outputs: [...step.outputs, coefficients] });
      const inputs = { x: step.inputs['x']!, mean, coefficients };
      again = { ...again, name: BATCH_NORM_TWICE.again, inputs, isSingle: true };
    }
    this.inserted.set(from, [...(this.inserted.get(from) ?? []), again]);
  }

  build(): Program {
    if (this.returns.size === 0) return this.program;
    const { result } = this.program;
    const steps = this.program.steps.flatMap((step, index): Step[] => {
      const all = [...(this.inserted.get(index) ?? []), this.replaced.get(index) ?? step];
      return all.map((each) => this.redirected(each, index));
    });
    const { values, roots } = this;
    return { ...this.program, values, roots, steps, lastUses: lastUsesOf(steps, (id) => roots[id]!, result) };
  }

  private make(shape: readonly number[], dtype: tf.DataType, root = this.roots.length): ValueId {
    this.roots.push(root);
    return this.values.push({ origin: { from: 'kernel' }, shape, dtype }) - 1;
  }

  /** The step that first reads a value after the longest pause, if that is long and all of them are kernels. */
  private returnOf(root: ValueId): number | undefined {
    const { steps, lastUses } = this.program;
    const uses = this.uses.get(root) ?? [];
    if (lastUses.get(root) === Infinity || uses.some((index) => steps[index]!.kind !== 'kernel')) return undefined;
    let [longest, from] = [CACHE, undefined as number | undefined];
    for (let next = 1; next < uses.length; next++) {
      const pause = this.written[uses[next]!]! - this.written[uses[next - 1]!]!;
      if (pause >= longest) [longest, from] = [pause, uses[next]!];
    }
    return from;
  }

  /** True if a value is read at this step or later, or has memory of its own. */
  private isReadFrom(id: ValueId, index: number): boolean {
    const root = this.roots[id]!;
    return this.values[root]!.origin.from === 'outside' || this.program.lastUses.get(root)! >= index;
  }

  /** Reads what has been computed again in place of the first. */
  private redirected(step: Step, index: number): Step {
    if (step.kind !== 'kernel') return step;
    const inputs = Object.entries(step.inputs).map(([name, id]) => {
      const found = this.returns.get(this.roots[id]!);
      if (!found || index < found.from) return [name, id] as const;
      const { shape, dtype } = this.values[id]!;
      const isSame = shape.join() === this.values[found.value]!.shape.join();
      return [name, isSame ? found.value : this.make(shape, dtype, found.value)] as const;
    });
    return { ...step, inputs: Object.fromEntries(inputs) };
  }
}
