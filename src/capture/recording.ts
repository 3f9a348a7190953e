/** Record of one call of a function: the kernels that it ran and the variables that it assigned, in order. */
import type * as tf from '@tensorflow/tfjs';
import type { Condition } from '../kernel/conditions.js';

/** Index of a value in {@link Recording.values}. */
export type ValueId = number;

/** Numbers of a tensor, as JavaScript holds them. */
export type Numbers = Float32Array | Int32Array | Uint8Array;

/** Origin of a value: an argument, numbers made in JavaScript, a tensor from elsewhere, or an output of a kernel. */
export type Origin =
  | { readonly from: 'argument'; readonly index: number }
  | { readonly from: 'numbers'; readonly numbers: Numbers }
  | { readonly from: 'outside'; readonly tensor: tf.Tensor }
  | { readonly from: 'kernel' };

/** A tensor's values at one time: a variable has another value after each assignment. */
export interface Value {
  readonly origin: Origin;
  readonly shape: readonly number[];
  readonly dtype: tf.DataType;
}

/** One kernel call. */
export interface KernelStep {
  readonly kind: 'kernel';
  readonly name: string;
  /** Values by the names of inputs; absent inputs are omitted. */
  readonly inputs: Readonly<Record<string, ValueId>>;
  /** True if the kernel takes its inputs as a list (`Concat`). */
  readonly isList: boolean;
  readonly attributes: tf.NamedAttrMap;
  readonly outputs: readonly ValueId[];
  /** True if the outputs may come alone rather than in a list. */
  readonly isSingle: boolean;
}

/** Assignment of a value to a variable. */
export interface AssignStep {
  readonly kind: 'assign';
  readonly variable: tf.Variable;
  readonly value: ValueId;
}

/** A step that an optimizer counts. */
export interface CountStep {
  readonly kind: 'count';
  readonly optimizer: tf.Optimizer;
}

/** One step of a recording. */
export type Step = KernelStep | AssignStep | CountStep;

/** Result of a function: a tensor, or lists and objects of them. */
export type ResultTree =
  | { readonly value: ValueId }
  | { readonly tensor: tf.Tensor }
  | { readonly argument: number }
  | { readonly list: readonly ResultTree[] }
  | { readonly entries: Readonly<Record<string, ResultTree>> }
  | { readonly nothing: null | undefined };

/** Record of one call. */
export interface Recording {
  readonly values: readonly Value[];
  readonly steps: readonly Step[];
  /** Conditions of the sequence of steps beside the arguments and the values of tensors. */
  readonly conditions: readonly Condition[];
  readonly result: ResultTree;
}

/** Converts a kernel's named inputs, or a list of them, to pairs of names and values. */
export function valuesOf(step: KernelStep): readonly ValueId[] {
  return Object.values(step.inputs);
}
