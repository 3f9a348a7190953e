/**
 * A model as a list of layer calls in the order of computation, with nested models expanded. Analyses fold over it:
 * they give each input a value and compute the values of a call's outputs from those of its inputs.
 */
import * as tf from '@tensorflow/tfjs';
import { LARGEST_INTEGER, rangeError, typeError, type Action } from '../errors.js';
import { toShapes } from '../layers/base_layer.js';
import { isStockBatchNormalization, normalizeStock } from '../layers/stock_batch_normalization.js';
import { isAbsent } from '../layers/config.js';
import { checkModel } from '../support/check_model.js';

/** One call of a layer. */
export interface LayerCall {
  readonly layer: tf.layers.Layer;
  /** Name of the layer, prefixed with those of the models that contain it: `features/conv1`. */
  readonly path: string;
  /** True if the layer has been called before in this model, so that its weights are already counted. */
  readonly repeated: boolean;
  /** Index in the order of computation, which is always the same: from 0. */
  readonly index: number;
  /** True if the model calls the layer in training mode, whatever mode it runs in itself. */
  readonly training: boolean;
}

/** Computes one value per output of a call from the values of its inputs. */
export type Visit<T> = (call: LayerCall, inputs: readonly T[]) => readonly T[];

/** A value with the shape of its tensor. */
export interface Shaped {
  /** [batch, …]. */
  readonly shape: tf.Shape;
}

/** Values by the id of their symbolic tensor. */
type Values<T> = Map<number, T>;

/** Propagates values from the model's inputs to its outputs, calling `visit` once per layer call. */
export function foldModel<T>(model: tf.LayersModel, inputs: readonly T[], visit: Visit<T>): readonly T[] {
  let calls = 0;
  const seen = new Set<tf.layers.Layer>();
  return propagate(model, inputs, '', ({ layer, path, training }, values) => {
    const call = { layer, path, repeated: seen.has(layer), index: calls++, training };
    seen.add(layer);
    return visit(call, values);
  });
}

/** Runs the model in inference mode and passes the inputs and outputs of every call to a callback. Differentiable. */
export function runModel(
  model: tf.LayersModel,
  inputs: readonly tf.Tensor[],
  found: (call: LayerCall, inputs: readonly tf.Tensor[], outputs: readonly tf.Tensor[]) => void,
): void {
  foldModel<tf.Tensor>(model, inputs, (call, values) => {
    const given = values.length === 1 ? values[0]! : [...values];
    // Replaces TensorFlow.js's layer where it has no gradient or differs from Keras.
    const result = isStockBatchNormalization(call.layer)
      ? normalizeStock(call.layer, values, false)
      : (call.layer.apply(given, { training: false }) as tf.Tensor | tf.Tensor[]);
    const outputs = Array.isArray(result) ? result : [result];
    found(call, values, outputs);
    return outputs;
  });
}

function propagate<T>(
  model: tf.LayersModel,
  inputs: readonly T[],
  prefix: string,
  visit: (call: Pick<LayerCall, 'layer' | 'path' | 'training'>, inputs: readonly T[]) => readonly T[],
): readonly T[] {
  const values: Values<T> = new Map();
  model.inputs.forEach((input, index) => values.set(input.id, inputs[index]!));
  const compute = (tensor: tf.SymbolicTensor): T => {
    const known = values.get(tensor.id);
    if (known !== undefined) return known;
    const layer = tensor.sourceLayer;
    const node = layer.inboundNodes[tensor.nodeIndex]!;
    const nodeInputs = node.inputTensors.map(compute);
    const path = `${prefix}${layer.name}`;
    const outputs =
      layer instanceof tf.LayersModel
        ? propagate(layer, nodeInputs, `${path}/`, visit)
        : visit({ layer, path, training: node.callArgs?.training === true }, nodeInputs);
    node.outputTensors.forEach((output, index) => values.set(output.id, outputs[index]!));
    return values.get(tensor.id)!;
  };
  return model.outputs.map(compute);
}

/** Checks the inputs of a model: one tensor per input; a single image becomes a batch of one. */
export function checkInputs(action: Action, model: tf.LayersModel, x: tf.Tensor | readonly tf.Tensor[]): tf.Tensor[] {
  checkModel(action, model);
  const given: readonly unknown[] = Array.isArray(x) ? x : [x];
  const tensors = given.map((tensor) => {
    if (tensor instanceof tf.Tensor) return tensor as tf.Tensor;
    throw typeError(action, 'x must be a tensor of images, or one tensor for each input', 'x', typeof tensor);
  });
  const wanted = model.inputs.map(({ shape }) => shape);
  if (tensors.length !== wanted.length) {
    throw rangeError(
      action,
      `x must be one tensor for each input of the model (${wanted.length})`,
      'x.length',
      tensors.length,
    );
  }
  return tensors.map((tensor, index): tf.Tensor => {
    const { length } = wanted[index]!;
    if (tensor.rank === length) return tensor;
    if (tensor.rank === 3 && length === 4) return tf.expandDims(tensor, 0);
    const rule = length === 4 ? 'x must have rank 3 or 4' : `input ${index + 1} must have rank ${length}`;
    throw rangeError(action, rule, 'x.shape', tensor.shape);
  });
}

/** Index of the image input: the first input of rank 4. */
export function imageInputOf(action: Action, model: tf.LayersModel): number {
  const index = model.inputs.findIndex(({ shape }) => shape.length === 4);
  if (index >= 0) return index;
  const shapes = model.inputs.map(({ shape }) => shape);
  throw rangeError(action, 'the model must have an input [n, height, width, channels]', 'input shapes', shapes);
}

/**
 * Shapes of the model's inputs with batch size 1 and all sizes known.
 *
 * @param inputShape one shape, or one per input, without the batch axis; by default the input shapes of the model
 */
export function inputShapesOf(
  action: Action,
  model: tf.LayersModel,
  inputShape: tf.Shape | readonly tf.Shape[] | undefined,
): tf.Shape[] {
  checkModel(action, model);
  const own = model.inputs.map(({ shape }) => shape.slice(1));
  const given = inputShape === undefined ? own : toShapes(inputShape as tf.Shape);
  if (given.length !== own.length || given.some((shape, index) => shape.length !== own[index]!.length)) {
    throw rangeError(action, `the model's inputs have the shapes ${JSON.stringify(own)}`, 'inputShape', inputShape);
  }
  const received = given.length === 1 ? given[0] : given;
  if (given.flat().some((size) => size === null || !Number.isInteger(size) || size < 1)) {
    const rule = 'all sizes must be known and at least 1; give them as options.inputShape';
    throw rangeError(action, rule, 'inputShape', received);
  }
  if (given.some((shape) => elementsOf([1, ...shape]) > LARGEST_INTEGER)) {
    throw rangeError(action, 'an image must have fewer than 2³¹ elements', 'inputShape', received);
  }
  if (given.some((shape, index) => hasOtherChannels(shape, own[index]!))) {
    throw rangeError(action, `the model's inputs have the shapes ${JSON.stringify(own)}`, 'inputShape', inputShape);
  }
  return given.map((shape) => [1, ...shape]);
}

/** True if an image has other channels than the model expects, in either data format; rows and columns may differ. */
function hasOtherChannels(shape: tf.Shape, own: tf.Shape): boolean {
  const differs = (axis: number): boolean => !isAbsent(own[axis]) && own[axis] !== shape[axis];
  // An unknown size is that of rows or columns.
  return (
    own.length === 3 &&
    (differs(0) || isAbsent(own[0])) &&
    (differs(2) || isAbsent(own[2])) &&
    (differs(0) || differs(2))
  );
}

/** Output shapes of a call, from its input shapes. */
export function outputShapesOf(layer: tf.layers.Layer, inputShapes: readonly tf.Shape[]): tf.Shape[] {
  const only = inputShapes.length === 1 ? inputShapes[0]! : [...inputShapes];
  return toShapes(layer.computeOutputShape(only));
}

/** Number of elements per image: the product of all axes but the batch. */
export function elementsOf(shape: tf.Shape): number {
  return shape.slice(1).reduce<number>((product, size) => product * (size ?? NaN), 1);
}
