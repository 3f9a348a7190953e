/**
 * Random draws that a recomputation must repeat: the keys of dropout, and what the host draws from `Math.random()`.
 * While a {@link Draws} records, every draw is kept in order; while it repeats, the kept ones are returned.
 */
import { replaceMembers } from '../support/replace_members.js';

/** Source of the values that are drawn inside of a run. */
interface Scope {
  readonly next: <Value>(compute: () => Value) => Value;
}

let current: Scope | undefined;

/** Draws a value: the one of the first run while a function is computed again, a new one otherwise. */
export function draw<Value>(compute: () => Value): Value {
  return current ? current.next(compute) : compute();
}

/** Draws of one call of a function. */
export class Draws {
  private readonly values: unknown[] = [];

  /** Runs the function for the first time. */
  record<Result>(f: () => Result): Result {
    const outer = current;
    const next = <Value>(compute: () => Value): Value => {
      // What an enclosing run repeats is repeated here, too; what a draw itself draws is part of its value.
      const value = within(outer, () => draw(compute));
      this.values.push(value);
      return value;
    };
    return run({ next }, f);
  }

  /**
   * Runs the function again, with the draws of the first run.
   *
   * @throws Error if it draws more than then
   */
  repeat<Result>(f: () => Result): Result {
    const rest = this.values.values();
    const next = (): unknown => {
      const { done, value } = rest.next();
      if (done === true) throw new Error('Cannot repeat the draws of a function: it must draw as often as at first');
      return value;
    };
    return run({ next: next as Scope['next'] }, f);
  }
}

function run<Result>(scope: Scope, f: () => Result): Result {
  const random = Math.random;
  const restore = replaceMembers(Math, { random: () => draw(random) });
  try {
    return within(scope, f);
  } finally {
    restore();
  }
}

function within<Result>(scope: Scope | undefined, f: () => Result): Result {
  const before = current;
  current = scope;
  try {
    return f();
  } finally {
    current = before;
  }
}
