/** Atomic addition to a result. */

/**
 * A function `NAME(at, value)` for a shader with atomic results, which adds to one of them. There are no atomic floats: a
 * compare-and-exchange loop on the bits replaces the old value by the sum. Zeros are skipped, recognised by their bits:
 * comparisons with NaN are false, and NaN must be added.
 */
export function atomicAdd(name: string, result: string): string {
  return `
  fn ${name}(at : i32, value : f32) {
    if ((bitcast<u32>(value) & 0x7fffffffu) == 0u) {
      return;
    }
    var bits = atomicLoad(&${result}[at]);
    loop {
      let exchange = atomicCompareExchangeWeak(&${result}[at], bits, bitcast<i32>(bitcast<f32>(bits) + value));
      if (exchange.exchanged) {
        break;
      }
      bits = exchange.old_value;
    }
  }`;
}

/** `add(at, value)`, for the array `result`. */
export const ATOMIC_ADD = atomicAdd('add', 'result');
