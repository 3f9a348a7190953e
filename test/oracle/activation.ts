/** ReLU and ReLU6 in float64, and their gradients. */
import type { FusedActivation } from '../../src/kernel/fused_activation.js';
import { array64, type Array64 } from './array64.js';

export function activate(x: Array64, activation: FusedActivation): Array64 {
  const top = activation === 'relu6' ? 6 : Infinity;
  return array64(x.shape, (index) =>
    activation === 'linear' ? x.data[index]! : Math.min(Math.max(x.data[index]!, 0), top),
  );
}

/** dy where x is strictly inside the range. */
export function activateGradient(x: Array64, dy: Array64, activation: FusedActivation): Array64 {
  const top = activation === 'relu6' ? 6 : Infinity;
  return array64(x.shape, (index) => {
    const value = x.data[index]!;
    return activation === 'linear' || (value > 0 && value < top) ? dy.data[index]! : 0;
  });
}
