/** Comparison of two recordings of the same function. */
import { computationOf } from '../kernel/live_attributes.js';
import type { KernelStep, Recording, Step, Value } from './recording.js';

/** Returns how the second recording differs from the first, or undefined if a replay of either does the same. */
export function difference(first: Recording, second: Recording): string | undefined {
  if (first.steps.length !== second.steps.length) {
    return `its kernels change from call to call (${countKernels(first)}, then ${countKernels(second)})`;
  }
  for (const [index, step] of first.steps.entries()) {
    const found = stepDifference(step, second.steps[index]!);
    if (found !== undefined) return found;
  }
  if (first.values.length !== second.values.length) return 'it reads other tensors from call to call';
  for (const [index, value] of first.values.entries()) {
    const found = valueDifference(value, second.values[index]!, () => readerOf(first, index));
    if (found !== undefined) return found;
  }
  return isSame(first.result, second.result) ? undefined : 'it returns other tensors from call to call';
}

function countKernels({ steps }: Recording): string {
  const count = steps.filter(({ kind }) => kind === 'kernel').length;
  return `${count} kernel${count === 1 ? '' : 's'}`;
}

/** First kernel that reads a value, for the message. */
function readerOf({ steps }: Recording, value: number): string {
  const reader = steps.find((step) => step.kind === 'kernel' && Object.values(step.inputs).includes(value));
  return reader?.kind === 'kernel' ? ` read by ${reader.name}` : '';
}

function stepDifference(a: Step, b: Step): string | undefined {
  if (a.kind === 'kernel' && b.kind === 'kernel') return kernelDifference(a, b);
  if (a.kind === 'assign' && b.kind === 'assign' && a.variable === b.variable && a.value === b.value) return undefined;
  if (a.kind === 'count' && b.kind === 'count' && a.optimizer === b.optimizer) return undefined;
  return 'it assigns other variables from call to call';
}

function kernelDifference(a: KernelStep, b: KernelStep): string | undefined {
  if (a.name !== b.name) return `it runs ${a.name} in one call and ${b.name} in the next`;
  if (!isSame(a.inputs, b.inputs) || !isSame(a.outputs, b.outputs)) {
    return `${a.name} reads other tensors from call to call`;
  }
  const isLive = computationOf(a.attributes) !== undefined && computationOf(b.attributes) !== undefined;
  if (isLive || isSame(a.attributes, b.attributes)) return undefined;
  return `the options of ${a.name} change from call to call`;
}

function valueDifference(a: Value, b: Value, reader: () => string): string | undefined {
  if (a.dtype !== b.dtype || !isSame(a.shape, b.shape)) return 'the shapes of its tensors change from call to call';
  if (a.origin.from === 'outside' && b.origin.from === 'outside') {
    if (a.origin.tensor === b.origin.tensor) return undefined;
    return `a tensor from outside${reader()} is another one at every call; pass it as an argument`;
  }
  if (a.origin.from === 'numbers' && b.origin.from === 'numbers') {
    if (isSame(a.origin.numbers, b.origin.numbers)) return undefined;
    return `numbers made in JavaScript${reader()} change from call to call; pass them as a tensor`;
  }
  return isSame(a.origin, b.origin) ? undefined : 'it reads other tensors from call to call';
}

/** Compares trees of attributes, results and numbers; functions and tensors by identity. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b)) return isSameNumbers(a, b);
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if ('tensor' in a && 'tensor' in b) return a.tensor === b.tensor;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isSame(a[name as keyof typeof a], b[name as keyof typeof b]))
  );
}

function isSameNumbers(a: ArrayBufferView, b: ArrayBufferView): boolean {
  if (a.byteLength !== b.byteLength) return false;
  const [first, second] = [bytesOf(a), bytesOf(b)];
  return first.every((byte, index) => byte === second[index]);
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
