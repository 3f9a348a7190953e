/** Addition to a result that other threads add to at the same time. */

/**
 * `add(at, value)` for a shader with an atomic result. There are no atomic floats: the bits of the sum are exchanged for
 * those that it was made of, as soon as they still are what stands there. Zeros are left out, by their bits: a
 * comparison with a NaN is false, and NaNs count.
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
