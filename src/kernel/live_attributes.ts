/**
 * Attributes of a kernel that change from call to call although its operands do not, such as the learning rate of a step
 * or the key of its random numbers. A captured function computes them anew whenever it replays the kernel.
 */

const computations = new WeakMap<object, () => object>();

/**
 * Computes attributes, and remembers how. A gradient that passes the same object on to another kernel shares the values.
 *
 * @param compute returns the attributes of the next call
 */
export function liveAttributes<Attributes extends object>(compute: () => Attributes): Attributes {
  const attributes = compute();
  computations.set(attributes, compute);
  return attributes;
}

/** Returns the computation of live attributes, or undefined for constant ones. */
export function computationOf(attributes: object): (() => object) | undefined {
  return computations.get(attributes);
}

/** A value, or a function that returns it at every call, replayed ones too. */
export type Live<Value = number> = Value | (() => Value);

/** Returns the current value. */
export function readLive<Value extends number | readonly number[]>(value: Live<Value>): Value {
  return typeof value === 'function' ? value() : value;
}
