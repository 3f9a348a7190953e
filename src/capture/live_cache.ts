/** Attributes of the kernels of one replay. */
import type * as tf from '@tensorflow/tfjs';
import { computationOf } from '../kernel/live_attributes.js';
import type { Step } from './recording.js';
import { countStep } from './replay.js';

/** Computes live attributes once in each replay, however many kernels share them. */
export class LiveCache {
  private readonly computed = new Map<object, tf.NamedAttrMap>();

  /** Starts a replay: does in order what its steps do in JavaScript, so that their kernels may run at any time. */
  advance(steps: readonly Step[]): void {
    this.clear();
    for (const step of steps) {
      if (step.kind === 'kernel') this.current(step.attributes);
      else if (step.kind === 'count') countStep(step.optimizer);
    }
  }

  /** Returns the attributes to run a kernel with. */
  current(recorded: tf.NamedAttrMap): tf.NamedAttrMap {
    const compute = computationOf(recorded);
    if (compute === undefined) return recorded;
    let attributes = this.computed.get(recorded);
    if (attributes === undefined) {
      attributes = compute() as tf.NamedAttrMap;
      this.computed.set(recorded, attributes);
    }
    return attributes;
  }

  /** Forgets the attributes of the last replay. */
  clear(): void {
    this.computed.clear();
  }
}
