/**
 * One check for every operator: the value and the gradient of every input on the active backend, against the oracle's
 * float64 and its central finite differences. If an oracle has formulas for its gradients, these are checked against
 * finite differences along a random direction (which moves every element) and then used element by element.
 */
import * as tf from '@tensorflow/tfjs';
import { array64, inner, withElement, type Array64 } from '../oracle/array64.js';
import { expectClose } from './compare.js';
import { Random } from './random.js';
import { scoped } from './scoped.js';

/** The inputs of an operator by name; an omitted one is undefined. */
export type Inputs = Readonly<Record<string, Array64 | undefined>>;

/** The same names, as tensors. */
export type Tensors = Readonly<Record<string, tf.Tensor | undefined>>;

/** An operator with its inputs and its truth. */
export interface OpCase<I extends Inputs> {
  readonly inputs: I;
  readonly run: (tensors: Tensors) => tf.Tensor;
  readonly oracle: (inputs: I) => Array64;
  /** Gradients of ⟨y, dy⟩ by formula. @default finite differences of every element */
  readonly gradients?: (inputs: I, dy: Array64) => Partial<I>;
  /** True if the case is at a kink, where formulas are valid and finite differences are not. @default false */
  readonly kink?: boolean;
  /** Inputs whose gradients are checked. @default all given inputs */
  readonly differentiable?: readonly string[];
}

interface Truth {
  readonly y: Array64;
  readonly dy: Array64;
  readonly gradients: Readonly<Record<string, Array64>>;
}

/** In float64 the error of central differences at this step is about 1e-8, and rounding alone where f is (bi)linear. */
const STEP = 1e-4;

/** The truth of a case is computed once, whatever the number of backends. */
const truths = new WeakMap<object, Truth>();

export function toTensor({ shape, data }: Array64): tf.Tensor {
  return tf.tensor(Float32Array.from(data), [...shape], 'float32');
}

/** Converts the given inputs to tensors on the active backend. */
export function toTensors(inputs: Inputs): Tensors {
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([name, array]) => (array === undefined ? [] : [[name, toTensor(array)]])),
  );
}

/** d⟨f(inputs), dy⟩ / d input, element by element. */
export function finiteDifferences<I extends Inputs>(
  f: (inputs: I) => Array64,
  inputs: I,
  name: string,
  dy: Array64,
): Array64 {
  const input = inputs[name]!;
  const loss = (index: number, value: number): number =>
    inner(f({ ...inputs, [name]: withElement(input, index, value) }), dy);
  return array64(input.shape, (index) => {
    const value = input.data[index]!;
    return (loss(index, value + STEP) - loss(index, value - STEP)) / (2 * STEP);
  });
}

/** Computes the value of `run` and the gradients of ⟨value, dy⟩ with respect to the named inputs. */
export function valueAndGradients(
  run: (tensors: Tensors) => tf.Tensor,
  tensors: Tensors,
  names: readonly string[],
  dy: tf.Tensor,
): { y: tf.Tensor; gradients: Readonly<Record<string, tf.Tensor>> } {
  const apply = (...given: tf.Tensor[]): tf.Tensor =>
    run({ ...tensors, ...Object.fromEntries(names.map((name, index) => [name, given[index]])) });
  const wanted = names.map((name) => tensors[name]!);
  const gradients = tf.grads(apply)(wanted, dy);
  return { y: apply(...wanted), gradients: Object.fromEntries(names.map((name, index) => [name, gradients[index]!])) };
}

/** Throws unless a gradient agrees with the central difference of ⟨f, dy⟩ along a random direction. */
function verify<I extends Inputs>(
  f: (inputs: I) => Array64,
  inputs: I,
  name: string,
  dy: Array64,
  gradient: Array64,
): void {
  const input = inputs[name]!;
  const direction = new Random(0xd1f).array(input.shape);
  const loss = (step: number): number => {
    const moved = array64(input.shape, (index) => input.data[index]! + step * direction.data[index]!);
    return inner(f({ ...inputs, [name]: moved }), dy);
  };
  const difference = (loss(STEP) - loss(-STEP)) / (2 * STEP);
  const size = Math.sqrt(inner(gradient, gradient) * inner(direction, direction));
  if (!(Math.abs(difference - inner(gradient, direction)) <= 1e-7 * size)) {
    throw new Error(`The oracle's d_${name} gives ${inner(gradient, direction)}, finite differences ${difference}`);
  }
}

function truthOf<I extends Inputs>(op: OpCase<I>, names: readonly string[]): Truth {
  const known = truths.get(op);
  if (known !== undefined) return known;
  const y = op.oracle(op.inputs);
  const dy = new Random(0x5eed).array(y.shape);
  const formulas: Inputs = op.gradients?.(op.inputs, dy) ?? {};
  const gradients: Record<string, Array64> = {};
  for (const name of names) {
    const formula = formulas[name];
    if (formula !== undefined && op.kink !== true) verify(op.oracle, op.inputs, name, dy, formula);
    gradients[name] = formula ?? finiteDifferences(op.oracle, op.inputs, name, dy);
  }
  const truth = { y, dy, gradients };
  truths.set(op, truth);
  return truth;
}

/** Fails unless the value and every gradient agree with the oracle within the relative tolerance. */
export async function checkOp<I extends Inputs>(op: OpCase<I>, relative: number): Promise<void> {
  const names = op.differentiable ?? Object.keys(op.inputs).filter((name) => op.inputs[name] !== undefined);
  const truth = truthOf(op, names);
  await scoped(async () => {
    const { y, gradients } = valueAndGradients(op.run, toTensors(op.inputs), names, toTensor(truth.dy));
    await expectClose(y, truth.y, relative, 'y');
    for (const name of names) await expectClose(gradients[name]!, truth.gradients[name]!, relative, `d_${name}`);
  });
}
