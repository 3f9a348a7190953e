/** Adam in float64: Kingma and Ba, "Adam: A method for stochastic optimization" (2015), Algorithm 1. */
import { array64, type Array64 } from './array64.js';

export interface AdamOptions {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Decoupled: Loshchilov and Hutter, "Decoupled weight decay regularization" (2019), Algorithm 2. @default 0 */
  readonly weightDecay?: number;
  /** Counted from 1. */
  readonly step: number;
}

export interface AdamState {
  readonly value: Array64;
  readonly firstMoment: Array64;
  readonly secondMoment: Array64;
}

export function adam(state: AdamState, gradient: Array64, options: AdamOptions): AdamState {
  const { learningRate, beta1, beta2, epsilon, weightDecay = 0, step } = options;
  const value = array64(state.value.shape);
  const firstMoment = array64(state.value.shape);
  const secondMoment = array64(state.value.shape);
  gradient.data.forEach((g, index) => {
    const m = beta1 * state.firstMoment.data[index]! + (1 - beta1) * g;
    const v = beta2 * state.secondMoment.data[index]! + (1 - beta2) * g * g;
    const corrected = m / (1 - beta1 ** step);
    const scale = Math.sqrt(v / (1 - beta2 ** step)) + epsilon;
    firstMoment.data[index] = m;
    secondMoment.data[index] = v;
    const kept = (1 - learningRate * weightDecay) * state.value.data[index]!;
    value.data[index] = kept - (learningRate * corrected) / scale;
  });
  return { value, firstMoment, secondMoment };
}
