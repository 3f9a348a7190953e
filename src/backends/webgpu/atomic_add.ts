/** Atomic addition to a result. */

/**
 * `add(at, value)` for a shader with an atomic result. There are no atomic floats: a compare-and-exchange loop on the
 * bits replaces the old value by the sum. Zeros are skipped, recognised by their bits: comparisons with NaN are false,
 * and NaN must be added.
 */
export const ATOMIC_ADD = `
  fn add(at : i32, value : f32) {
    if ((bitcast<u32>(value) & 0x7fffffffu) == 0u) {
      return;
    }
    var bits = atomicLoad(&result[at]);
    loop {
      let exchange = atomicCompareExchangeWeak(&result[at], bits, bitcast<i32>(bitcast<f32>(bits) + value));
      if (exchange.exchanged) {
        break;
      }
      bits = exchange.old_value;
    }
  }`;
