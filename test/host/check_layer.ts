/**
 * The gradients of a layer against finite differences of the same layer on the same backend. Along a random direction v,
 * ⟨∇f, v⟩ = (f(x + hv) − f(x − hv)) / 2h, with f = ⟨y, dy⟩ summed in float64: two calls for each direction.
 */
import * as tf from '@tensorflow/tfjs';
import type { LayerCase } from './layer_cases.js';

/** `right`, or what is wrong: the error as a share of the gradient, or the words of the host. */
export type Verdict = 'right' | `wrong: ${string}` | `fails: ${string}`;

const STEP = 1 / 1024;
const DIRECTIONS = 3;
/** Float32 and the curvature of the layers give up to a fiftieth of this. */
const LARGEST_ERROR = 0.02;

/** Numbers in (−1, 1), the same for a seed. */
function uniform(seed: number, length: number): Float32Array {
  let state = Math.imul(seed + 1, 0x9e3779b9) >>> 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 13), 0x297a2d39);
    mixed = (mixed ^ (mixed >>> 16)) >>> 0;
    return (mixed / 2 ** 32) * 2 - 1;
  });
}

/**
 * Different numbers in (−1, 1), those of the other inputs included, further apart and from 0 than steps lead: maxima,
 * minima and ReLUs have no kink between two of them.
 */
function spread(input: number, inputs: number, length: number): Float32Array {
  const order = [...uniform(input, length).entries()].sort(([, a], [, b]) => a - b).map(([index]) => index);
  return Float32Array.from(order, (rank) => ((rank + (input + 0.5) / inputs) / length) * 2 - 1);
}

interface Operand {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** The value of a layer, and whether its gradients are those of its value. */
export interface Finding {
  readonly verdict: Verdict;
  readonly value: Float32Array;
}

export async function checkLayer({ make, inputs, training = false, indices }: LayerCase): Promise<Finding> {
  let layer: tf.layers.Layer | undefined;
  try {
    layer = make();
    return await check(layer, inputs, training, indices);
  } catch (error) {
    return {
      verdict: `fails: ${(error as Error).message.split('\n')[0]!.slice(0, 90)}`,
      value: new Float32Array(),
    };
  } finally {
    if (layer?.built === true) layer.dispose();
  }
}

async function check(
  layer: tf.layers.Layer,
  inputs: LayerCase['inputs'],
  training: boolean,
  indices: number | undefined,
): Promise<Finding> {
  const size = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);
  const features: Operand[] = inputs.map((shape, index) => {
    const values = spread(index, inputs.length, size(shape));
    return {
      name: `x${index}`,
      shape,
      values: indices ? values.map((v) => Math.floor(((v + 1) / 2) * indices)) : values,
    };
  });
  const toInput = ({ shape, values }: Operand): tf.Tensor => tf.tensor(values, [...shape]);
  const call = (given: tf.Tensor[]): tf.Tensor => {
    const y = layer.apply(given.length === 1 ? given[0]! : given, { training });
    return (Array.isArray(y) ? y[0] : y) as tf.Tensor;
  };
  tf.tidy(() => {
    call(features.map(toInput));
  });
  const variables = layer.trainableWeights
    .map((weight) => weight.read())
    .filter((tensor) => tensor instanceof tf.Variable);
  const weights: Operand[] = layer.weights.map(({ name, shape }, index) => {
    const values = uniform(100 + index, size(shape as number[]));
    // Variances and scales are positive.
    const positive = /variance|gamma/.test(name);
    return { name, shape: shape as number[], values: positive ? values.map((v) => 1 + v / 2) : values };
  });
  const write = (operands: readonly Operand[]): void => {
    tf.tidy(() => {
      layer.weights.forEach((weight, index) => {
        weight.write(toInput(operands[index]!));
      });
    });
  };
  /** The output for these operands; a call in training moves statistics, which every call finds as they were. */
  const valueOf = async (given: readonly Operand[], own: readonly Operand[]): Promise<Float32Array> => {
    write(own);
    const y = tf.tidy(() => call(given.map(toInput)));
    const values = Float32Array.from(await y.data());
    y.dispose();
    return values;
  };
  const value = await valueOf(features, weights);
  const dy = uniform(7, value.length);
  const inner = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
    let sum = 0;
    for (let index = 0; index < a.length; index++) sum += a[index]! * b[index]!;
    return sum;
  };

  write(weights);
  const toDiffer = indices === undefined ? features : [];
  const gradients = tf.tidy(() => {
    const xs = features.map(toInput);
    const loss = (...given: tf.Tensor[]): tf.Scalar => {
      const y = call(toDiffer.length > 0 ? given.slice(0, xs.length) : xs);
      return tf.sum(tf.mul(y, tf.tensor(dy, y.shape)));
    };
    const ofWeights = variables.length > 0 ? tf.variableGrads(() => loss(...xs), variables).grads : {};
    write(weights);
    return [...(toDiffer.length > 0 ? tf.grads(loss)(xs) : []), ...variables.map(({ name }) => ofWeights[name]!)];
  });
  const names = layer.trainableWeights.map(({ name }) => weights.find((weight) => weight.name === name)!);
  let worst = 0;
  let where = '';
  for (const [index, operand] of [...toDiffer, ...names].entries()) {
    const gradient = await gradients[index]!.data();
    const norm = Math.sqrt(inner(gradient, gradient));
    for (let direction = 0; direction < DIRECTIONS; direction++) {
      const v = uniform(1000 + 10 * index + direction, operand.values.length).map(Math.sign);
      const moved = async (step: number): Promise<number> => {
        const shift = (other: Operand): Operand =>
          other === operand ? { ...other, values: other.values.map((old, at) => old + step * v[at]!) } : other;
        return inner(await valueOf(features.map(shift), weights.map(shift)), dy);
      };
      const want = ((await moved(STEP)) - (await moved(-STEP))) / (2 * STEP);
      const error = Math.abs(want - inner(gradient, v)) / Math.max(norm, Math.abs(want), 1e-3);
      if (!(error <= worst)) [worst, where] = [error, operand.name];
    }
    gradients[index]!.dispose();
  }
  const verdict: Verdict =
    worst <= LARGEST_ERROR ? 'right' : `wrong: ${where.replace(/_\d+$/, '')} by ${worst.toFixed(2)}`;
  return { verdict, value };
}
