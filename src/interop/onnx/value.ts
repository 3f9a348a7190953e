/**
 * Tensors of a model as values of a graph. An image of a channels-last layer is stored with its channels before rows and
 * columns, as ONNX's operators take it: a value that is `moved`. Shapes are always those of the model.
 */
import type * as tf from '@tensorflow/tfjs';
import type { OnnxGraph } from './graph.js';

/** Axes of a channels-last image in the order in which a moved value stores them. */
export const TO_CHANNELS_FIRST = [0, 3, 1, 2] as const;
/** The way back. */
export const TO_CHANNELS_LAST = [0, 2, 3, 1] as const;

/** One tensor of the model. */
export interface Value {
  /** Name in the graph. */
  readonly name: string;
  /** Shape in the model, batch first; null for sizes that depend on the input. */
  readonly shape: tf.Shape;
  /** True if the axes are stored in the order {@link TO_CHANNELS_FIRST}; only of rank 4. */
  readonly moved: boolean;
  readonly dtype: tf.DataType;
}

/** Name of the value with its axes in the given order; a transpose is added once. */
export function ordered(graph: OnnxGraph, { name, moved }: Value, wanted: boolean): string {
  if (moved === wanted) return name;
  const perm = wanted ? TO_CHANNELS_FIRST : TO_CHANNELS_LAST;
  return graph.once(`transposed ${name}`, () => graph.node('Transpose', [name], { perm }));
}

/** Axis of the stored value that holds an axis of the model's tensor; negative ones count from the end. */
export function storedAxis({ shape, moved }: Pick<Value, 'shape' | 'moved'>, axis: number): number {
  const counted = axis < 0 ? axis + shape.length : axis;
  return moved ? TO_CHANNELS_FIRST.indexOf(counted as 0 | 1 | 2 | 3) : counted;
}
