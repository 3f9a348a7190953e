/** One call of a checkpointed function: a single node on the tape stands for all of its kernels. */
import * as tf from '@tensorflow/tfjs';
import { isVariable, tensorsIn } from '../support/tensor_tree.js';
import { show, type Action } from '../errors.js';
import { Draws } from '../kernel/draws.js';
import { identity } from '../ops/identity/op.js';
import { replaceMembers } from '../support/replace_members.js';
import { inputsOf, madeOn, sourcesOf, withTape, type TapeEngine, type TapeNode } from './tape.js';

/** The function, of its arguments. */
export type Call = (args: readonly tf.Tensor[]) => tf.TensorContainer;

/** Facts of a call that its forward pass leaves. */
export class RecomputedCall {
  private readonly draws = new Draws();
  /** Arguments by their ids, kept for the backward pass even if `call` or its caller disposes them. */
  private readonly saved: ReadonlyMap<number, tf.Tensor>;
  /** Tensors from outside that are neither arguments nor variables. */
  private closure: readonly tf.Tensor[] = [];
  /** Indices of the results that depend on what the function reads. */
  private places: readonly number[] = [];

  constructor(
    private readonly engine: TapeEngine,
    private readonly action: Action,
    private readonly call: Call,
    private readonly args: readonly tf.Tensor[],
  ) {
    const values = [...new Set(args)].filter((arg) => !isVariable(arg));
    this.saved = new Map(values.map((arg) => [arg.id, tf.keep(identity(arg))]));
  }

  /** Runs the function without keeping its activations, and puts it on the tape. */
  run(): tf.TensorContainer {
    const tape: TapeNode[] = [];
    try {
      const result = withTape(this.engine, tape, () => this.draws.record(() => tf.tidy(() => this.call(this.args))));
      this.putOnTape(tape, tensorsIn(result));
      return result;
    } catch (error) {
      tf.dispose([...this.saved.values()]);
      throw error;
    } finally {
      for (const { saved } of tape) tf.dispose([...saved]);
    }
  }

  private putOnTape(tape: readonly TapeNode[], results: readonly tf.Tensor[]): void {
    const made = madeOn(tape);
    const ids = results.map(({ id }) => id);
    this.places = ids.flatMap((id, place) => (made.has(id) && ids.indexOf(id) === place ? [place] : []));
    const outputs = this.places.map((place) => results[place]!);
    // A tensor that has been disposed by now is a constant of the function.
    const isGiven = (tensor: tf.Tensor): boolean => this.saved.has(tensor.id) || !tensor.isDisposed;
    const outside = tape.flatMap(inputsOf).filter((tensor) => !made.has(tensor.id) && !this.saved.has(tensor.id));
    this.closure = outside.filter((tensor) => !isVariable(tensor) && !tensor.isDisposed);
    const inputs = Object.fromEntries(
      sourcesOf(tape, outputs)
        .filter(isGiven)
        .map((tensor) => [tensor.id, tensor]),
    );
    const gradients = (wanted: readonly tf.Tensor[], dys: readonly (tf.Tensor | null)[]): tf.Tensor[] =>
      this.gradients(wanted, dys);
    const { state } = this.engine;
    state.activeTape.push({
      id: state.nextTapeNodeId++,
      kernelName: 'Checkpoint',
      inputs,
      outputs,
      saved: [...this.saved.values()],
      gradient(dys) {
        const wanted = inputsOf(this);
        const found = gradients(wanted, dys);
        return Object.fromEntries(wanted.map(({ id }, index) => [id, () => found[index]!]));
      },
    });
  }

  /** Computes the function again, and the gradients of the tensors that it reads. */
  private gradients(wanted: readonly tf.Tensor[], dys: readonly (tf.Tensor | null)[]): tf.Tensor[] {
    const { engine } = this;
    // What the function reads as an argument it may read from outside as well.
    const xs = wanted.flatMap((tensor) => [tensor, this.saved.get(tensor.id) ?? tensor]);
    const tape: TapeNode[] = [];
    const found = withTape(engine, tape, () =>
      tf.tidy(() => {
        const { grads } = engine.gradients(() => join(this.repeat(), dys), xs, null, true);
        return wanted.map((tensor, index) => {
          const [own, saved] = grads.slice(2 * index, 2 * index + 2);
          const both = this.saved.has(tensor.id) && own && saved ? tf.add(own, saved) : undefined;
          return both ?? own ?? saved ?? tf.zerosLike(tensor);
        });
      }),
    );
    // A backward pass of this one goes through it.
    engine.state.activeTape.push(...tape);
    if (engine.state.gradientDepth === 0) tf.dispose([...this.saved.values()]);
    return found;
  }

  /** Runs the function once more: with the same draws, and without assigning variables again. */
  private repeat(): tf.Tensor[] {
    const lost = this.closure.find(({ isDisposed }) => isDisposed);
    if (lost) {
      const rule = 'a tensor that the function reads must be an argument, or live until the backward pass';
      throw new Error(`Cannot ${this.action}: ${rule}, received a disposed tensor of shape ${show(lost.shape)}`);
    }
    const restore = replaceMembers(tf.Variable.prototype, { assign: () => undefined });
    try {
      const args = this.args.map((arg) => this.saved.get(arg.id) ?? arg);
      const results = tensorsIn(this.draws.repeat(() => this.call(args)));
      return this.places.map((place) => results[place]!);
    } finally {
      restore();
    }
  }
}

/** A scalar of which the results have the given gradients. */
function join(results: readonly tf.Tensor[], dys: readonly (tf.Tensor | null)[]): tf.Tensor {
  const joined = results.flatMap((result, index) => {
    const dy = dys[index];
    return dy ? [[result, dy] as const] : [];
  });
  const scalar = tf.customGrad(() => ({
    value: tf.scalar(0),
    // Copies, since the engine disposes what it adds to another gradient.
    gradFunc: () => joined.map(([, dy]) => identity(dy)),
  }));
  return scalar(...joined.map(([result]) => result));
}
