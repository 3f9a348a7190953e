/** Replay through the engine of TensorFlow.js, on any backend. */
import * as tf from '@tensorflow/tfjs';
import { identity } from '../ops/identity/op.js';
import { assignRecorded } from './assign_recorded.js';
import { computeConstants } from './constants.js';
import { LiveCache } from './live_cache.js';
import { inputsOf, leavesOf, resultOf, type Program } from './program.js';
import type { Replay } from './replay.js';
import type { AssignStep, KernelStep, ValueId } from './recording.js';

/** Runs the kernels of a program one by one, and disposes each tensor after its last use. */
export class EngineReplay implements Replay {
  readonly constants: ReadonlyMap<ValueId, tf.Tensor>;
  readonly live = new LiveCache();
  /** Roots to dispose after each step. */
  private readonly spent: readonly (readonly ValueId[])[];
  /** Variables whose old value is read after they have been assigned a new one. */
  private readonly snapshots: readonly ValueId[];

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
    this.live.advance(this.program.steps);
    return this.runAdvanced(args);
  }

  /** Runs the program with the live attributes that have been computed for this replay. */
  runAdvanced(args: readonly tf.Tensor[]): unknown {
    return tf.tidy(() => this.replay(args) as tf.TensorContainer);
  }

  /**
   * Runs the kernels.
   *
   * @param tensors values that are known by their roots; those that the kernels compute are added
   * @param attributesOf attributes to run a kernel with
   * @param assign called where a variable is assigned a value
   * @param kept roots to leave undisposed
   */
  runKernels(
    tensors: Map<ValueId, tf.Tensor>,
    attributesOf: (recorded: tf.NamedAttrMap) => tf.NamedAttrMap,
    assign: (step: AssignStep) => void,
    kept: ReadonlySet<ValueId> = new Set(),
  ): void {
    const read = (id: ValueId): tf.Tensor => tensors.get(this.program.roots[id]!)!;
    this.program.steps.forEach((step, index) => {
      if (step.kind === 'kernel') runKernel(step, attributesOf(step.attributes), read, tensors);
      else if (step.kind === 'assign') assign(step);
      for (const root of this.spent[index]!) {
        if (kept.has(root)) continue;
        // Still known if a constant result stands beside others.
        tensors.get(root)?.dispose();
        tensors.delete(root);
      }
    });
  }

  /** Value of a root that no kernel of a replay computes. */
  given(root: ValueId, args: readonly tf.Tensor[]): tf.Tensor {
    const { origin } = this.program.values[root]!;
    const constant = this.constants.get(root);
    if (constant) return constant;
    if (origin.from === 'argument') return args[origin.index]!;
    if (origin.from === 'outside') return origin.tensor;
    throw new Error(`value ${root} has not been computed`);
  }

  /** Creates the result; each leaf is a tensor of its own, as it was when the function was recorded. */
  resultOf(args: readonly tf.Tensor[], read: (id: ValueId) => tf.Tensor): unknown {
    const { result, roots, values } = this.program;
    const owned = new Set(leavesOf(result).filter((id) => values[roots[id]!]!.origin.from === 'kernel'));
    const given = new Set<tf.Tensor>();
    return resultOf(result, args, (id) => {
      const tensor = read(id);
      const isOwn = owned.has(id) && !this.constants.has(roots[id]!) && !given.has(tensor);
      given.add(tensor);
      return isOwn ? tensor : identity(tensor);
    });
  }

  dispose(): void {
    tf.dispose([...this.constants.values()]);
  }

  private replay(args: readonly tf.Tensor[]): unknown {
    const { roots, lastUses, values } = this.program;
    const tensors = new Map<ValueId, tf.Tensor>(this.constants);
    for (const root of lastUses.keys()) {
      const { origin } = values[root]!;
      if (origin.from === 'argument' || origin.from === 'outside') tensors.set(root, this.given(root, args));
    }
    for (const root of this.snapshots) tensors.set(root, identity(tensors.get(root)!));
    this.runKernels(
      tensors,
      (recorded) => this.live.current(recorded),
      ({ variable, value }) => {
        assignRecorded(variable, tensors.get(roots[value]!)!);
      },
    );
    return this.resultOf(args, (id) => tensors.get(roots[id]!)!);
  }
}

function runKernel(
  step: KernelStep,
  attributes: tf.NamedAttrMap,
  read: (id: ValueId) => tf.Tensor,
  tensors: Map<ValueId, tf.Tensor>,
): void {
  const inputs = inputsOf(step, read) as tf.NamedTensorMap;
  const outputs = tf.engine().runKernel<tf.Tensor | tf.Tensor[]>(step.name, inputs, attributes);
  const list = Array.isArray(outputs) ? outputs : [outputs];
  list.forEach((tensor, index) => tensors.set(step.outputs[index]!, tensor));
}
