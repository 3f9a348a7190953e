/** Replay through the engine of TensorFlow.js, on any backend. */
import * as tf from '@tensorflow/tfjs';
import { identity } from '../ops/identity/op.js';
import { computeConstants } from './constants.js';
import { LiveCache } from './live_cache.js';
import { inputsOf, leavesOf, resultOf, type Program } from './program.js';
import { countStep, type Replay } from './replay.js';
import type { KernelStep, ValueId } from './recording.js';

/** Runs the kernels of a program one by one, and disposes each tensor after its last use. */
export class EngineReplay implements Replay {
  private readonly constants: ReadonlyMap<ValueId, tf.Tensor>;
  /** Roots to dispose after each step. */
  private readonly spent: readonly (readonly ValueId[])[];
  /** Variables whose old value is read after they have been assigned a new one. */
  private readonly snapshots: readonly ValueId[];
  private readonly live = new LiveCache();

  constructor(private readonly program: Program) {
    this.constants = computeConstants(program);
    const { steps, values, lastUses } = program;
    const spent: ValueId[][] = steps.map(() => []);
    for (const [root, last] of lastUses) {
      if (values[root]!.origin.from === 'kernel' && !this.constants.has(root)) spent[last]?.push(root);
    }
    this.spent = spent;
    const assignments = new Map<tf.Tensor, number>();
    steps.forEach((step, index) => {
      if (step.kind === 'assign' && !assignments.has(step.variable)) assignments.set(step.variable, index);
    });
    this.snapshots = [...lastUses].flatMap(([root, last]) => {
      const { origin } = values[root]!;
      const assigned = origin.from === 'outside' ? assignments.get(origin.tensor) : undefined;
      return assigned !== undefined && last > assigned ? [root] : [];
    });
  }

  run(args: readonly tf.Tensor[]): unknown {
    return tf.tidy(() => this.replay(args) as tf.TensorContainer);
  }

  dispose(): void {
    tf.dispose([...this.constants.values()]);
  }

  private replay(args: readonly tf.Tensor[]): unknown {
    const { program, constants, spent, live } = this;
    const { roots, values, steps, result } = program;
    const tensors = new Map<ValueId, tf.Tensor>(constants);
    live.clear();
    const read = (id: ValueId): tf.Tensor => {
      const root = roots[id]!;
      const known = tensors.get(root);
      if (known) return known;
      const { origin } = values[root]!;
      if (origin.from === 'argument') return args[origin.index]!;
      if (origin.from === 'outside') return origin.tensor;
      throw new Error(`value ${root} has not been computed`);
    };
    for (const root of this.snapshots) tensors.set(root, identity(read(root)));
    steps.forEach((step, index) => {
      if (step.kind === 'kernel') this.runKernel(step, read, tensors);
      else if (step.kind === 'assign') step.variable.assign(read(step.value));
      else countStep(step.optimizer);
      for (const root of spent[index]!) {
        // Still known if a constant result stands beside others.
        tensors.get(root)?.dispose();
        tensors.delete(root);
      }
    });
    return this.resultOf(result, args, read);
  }

  private runKernel(step: KernelStep, read: (id: ValueId) => tf.Tensor, tensors: Map<ValueId, tf.Tensor>): void {
    const inputs = inputsOf(step, read) as tf.NamedTensorMap;
    const outputs = tf
      .engine()
      .runKernel<tf.Tensor | tf.Tensor[]>(step.name, inputs, this.live.current(step.attributes));
    const list = Array.isArray(outputs) ? outputs : [outputs];
    list.forEach((tensor, index) => tensors.set(step.outputs[index]!, tensor));
  }

  /** Each leaf is a tensor of its own, as it was when the function was recorded. */
  private resultOf(result: Program['result'], args: readonly tf.Tensor[], read: (id: ValueId) => tf.Tensor): unknown {
    const owned = new Set(
      leavesOf(result).filter((id) => this.program.values[this.program.roots[id]!]!.origin.from === 'kernel'),
    );
    const given = new Set<tf.Tensor>();
    return resultOf(result, args, (id) => {
      const tensor = read(id);
      const isOwn = owned.has(id) && !this.constants.has(this.program.roots[id]!) && !given.has(tensor);
      given.add(tensor);
      return isOwn ? tensor : identity(tensor);
    });
  }
}
