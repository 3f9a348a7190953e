/** Numbers among the live attributes of a program that change from replay to replay. */
import type * as tf from '@tensorflow/tfjs';
import { computationOf } from '../kernel/live_attributes.js';
import type { LiveCache } from './live_cache.js';
import type { Step } from './recording.js';

/** Finds the numbers that change, and puts others in their places. */
export class LiveNumbers {
  /** Live attributes as they were recorded, each object once. */
  private readonly recorded: readonly tf.NamedAttrMap[];
  /** All numbers of all attributes, in order. */
  private current: readonly number[];
  /** Indices of those that have changed. */
  private readonly changing: number[] = [];

  constructor(steps: readonly Step[]) {
    const live = steps.flatMap((step) =>
      step.kind === 'kernel' && computationOf(step.attributes) ? [step.attributes] : [],
    );
    this.recorded = [...new Set(live)];
    this.current = this.recorded.flatMap((attributes) => numbersIn(attributes));
  }

  /** Takes the numbers of the next replay; returns true if one has changed for the first time. */
  observe(live: LiveCache): boolean {
    const next = this.recorded.flatMap((attributes) => numbersIn(live.current(attributes)));
    const before = this.changing.length;
    next.forEach((value, index) => {
      if (!Object.is(value, this.current[index]) && !this.changing.includes(index)) this.changing.push(index);
    });
    this.current = next;
    return this.changing.length > before;
  }

  /** Numbers that change, as they are now. */
  values(): number[] {
    return this.changing.map((index) => this.current[index]!);
  }

  /** Returns the current attributes of all kernels, with the given numbers in place of those that change. */
  attributesWith(numbers: readonly number[]): (recorded: tf.NamedAttrMap) => tf.NamedAttrMap {
    const all = [...this.current];
    this.changing.forEach((index, place) => {
      all[index] = numbers[place]!;
    });
    const rest = all.values();
    const built = new Map(
      this.recorded.map((attributes) => [attributes, replaceNumbers(attributes, rest) as tf.NamedAttrMap]),
    );
    return (recorded) => built.get(recorded) ?? recorded;
  }
}

function numbersIn(tree: unknown): number[] {
  if (typeof tree === 'number') return [tree];
  return typeof tree === 'object' && tree !== null ? Object.values(tree).flatMap(numbersIn) : [];
}

function replaceNumbers(tree: unknown, numbers: Iterator<number>): unknown {
  if (typeof tree === 'number') return numbers.next().value;
  if (Array.isArray(tree)) return tree.map((part) => replaceNumbers(part, numbers));
  if (typeof tree !== 'object' || tree === null) return tree;
  return Object.fromEntries(Object.entries(tree).map(([name, part]) => [name, replaceNumbers(part, numbers)]));
}
