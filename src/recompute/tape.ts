/** Members of the host's engine that its types hide: the tape on which it records kernels for the backward pass. */
import * as tf from '@tensorflow/tfjs';

/** One differentiable call on the tape. */
export interface TapeNode {
  readonly id: number;
  readonly kernelName: string;
  readonly inputs: Readonly<Record<string, tf.Tensor | null | undefined>>;
  readonly outputs: readonly tf.Tensor[];
  /** Tensors that the engine disposes after the backward pass. */
  readonly saved: readonly tf.Tensor[];
  /**
   * Returns the gradients of the inputs. The engine calls it as a method of a copy of the node, whose `inputs` are those
   * that need a gradient.
   */
  readonly gradient: (
    this: Pick<TapeNode, 'inputs'>,
    dys: readonly (tf.Tensor | null)[],
  ) => Record<string, () => tf.Tensor>;
}

/** The engine with these members. */
export interface TapeEngine {
  readonly state: {
    /** Number of functions under way whose kernels are recorded. */
    readonly gradientDepth: number;
    /** Number of kernels under way. */
    readonly kernelDepth: number;
    activeTape: TapeNode[];
    nextTapeNodeId: number;
  };
  readonly gradients: (
    f: () => tf.Tensor,
    xs: readonly tf.Tensor[],
    dy: tf.Tensor | null,
    allowNoGradients: boolean,
  ) => { readonly value: tf.Tensor; readonly grads: readonly (tf.Tensor | null | undefined)[] };
}

/** Returns the engine. */
export function tapeEngine(): TapeEngine {
  return tf.engine() as unknown as TapeEngine;
}

/** True if kernels are recorded. */
export function isTapeOn({ state }: TapeEngine): boolean {
  return state.gradientDepth > 0 && state.kernelDepth === 0;
}

/**
 * Runs a function while `tape` takes the place of the current tape. A backward pass inside that belongs to no other one
 * discards the tape that it finds, so it needs one of its own as well.
 */
export function withTape<Result>({ state }: TapeEngine, tape: TapeNode[], f: () => Result): Result {
  const { activeTape } = state;
  state.activeTape = tape;
  try {
    return f();
  } finally {
    state.activeTape = activeTape;
  }
}

/** Tensors that a node reads. */
export function inputsOf({ inputs }: Pick<TapeNode, 'inputs'>): tf.Tensor[] {
  return Object.values(inputs).filter((input) => input instanceof tf.Tensor);
}

/** Ids of the tensors that the nodes of a tape have made. */
export function madeOn(tape: readonly TapeNode[]): ReadonlySet<number> {
  return new Set(tape.flatMap(({ outputs }) => outputs.map(({ id }) => id)));
}

/** Tensors that lead to one of the outputs and that no node of the tape has made. */
export function sourcesOf(tape: readonly TapeNode[], outputs: readonly tf.Tensor[]): tf.Tensor[] {
  const made = madeOn(tape);
  const leading = new Set(outputs.map(({ id }) => id));
  const sources = new Map<number, tf.Tensor>();
  for (const node of [...tape].reverse()) {
    if (!node.outputs.some(({ id }) => leading.has(id))) continue;
    for (const input of inputsOf(node)) {
      leading.add(input.id);
      if (!made.has(input.id)) sources.set(input.id, input);
    }
  }
  return [...sources.values()];
}
