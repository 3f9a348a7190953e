/**
 * A model as a list of layer calls in the order of computation, nested models opened. Analyses fold over it: they give
 * each input a value and say how a call turns the values of its inputs into those of its outputs.
 */
import * as tf from '@tensorflow/tfjs';
import { LARGEST_INTEGER, rangeError, typeError, type Action } from '../errors.js';
import { toShapes } from '../layers/base_layer.js';
import { isStockBatchNormalization, normalizeStock } from '../layers/stock_batch_normalization.js';
import { isAbsent } from '../layers/config.js';

/** One use of a layer. */
export interface LayerCall {
  readonly layer: tf.layers.Layer;
  /** The layer's name, after those of the models that it is nested in: `features/conv1`. */
  readonly path: string;
  /** Whether the layer has been called before in this model: its weights then count no more. */
  readonly repeated: boolean;
  /** Place in the order of computation, which is the same every time: from 0. */
  readonly index: number;
}

/** How a call turns the values of its inputs into one value for each output. */
export type Visit<T> = (call: LayerCall, inputs: readonly T[]) => readonly T[];

/** A value on its way through the model, with the shape of the tensor that it belongs to. */
export interface Shaped {
  /** [batch, …]. */
  readonly shape: tf.Shape;
}

/** Values by the id of the symbolic tensor that they belong to. */
type Values<T> = Map<number, T>;

/** Follows the values of the model's inputs to its outputs, calling `visit` once for each use of a layer. */
export function foldModel<T>(model: tf.LayersModel, inputs: readonly T[], visit: Visit<T>): readonly T[] {
  let calls = 0;
  const seen = new Set<tf.layers.Layer>();
  return follow(model, inputs, '', (layer, path, values) => {
    const call = { layer, path, repeated: seen.has(layer), index: calls++ };
    seen.add(layer);
    return visit(call, values);
  });
}

/** Runs the model for inference, and shows the inputs and outputs of every call. Differentiable. */
export function runModel(
  model: tf.LayersModel,
  inputs: readonly tf.Tensor[],
  found: (call: LayerCall, inputs: readonly tf.Tensor[], outputs: readonly tf.Tensor[]) => void,
): void {
  foldModel<tf.Tensor>(model, inputs, (call, values) => {
    const given = values.length === 1 ? values[0]! : [...values];
    // Where the host's own has no gradient, or other values than Keras's.
    const result = isStockBatchNormalization(call.layer)
      ? normalizeStock(call.layer, values, false)
      : (call.layer.apply(given, { training: false }) as tf.Tensor | tf.Tensor[]);
    const outputs = Array.isArray(result) ? result : [result];
    found(call, values, outputs);
    return outputs;
  });
}

function follow<T>(
  model: tf.LayersModel,
  inputs: readonly T[],
  prefix: string,
  visit: (layer: tf.layers.Layer, path: string, inputs: readonly T[]) => readonly T[],
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
      layer instanceof tf.LayersModel ? follow(layer, nodeInputs, `${path}/`, visit) : visit(layer, path, nodeInputs);
    node.outputTensors.forEach((output, index) => values.set(output.id, outputs[index]!));
    return values.get(tensor.id)!;
  };
  return model.outputs.map(compute);
}

/** Refuses what is not a model. */
export function checkModel(action: Action, model: unknown): void {
  if (!(model instanceof tf.LayersModel))
    throw typeError(action, 'model must be a tf.LayersModel', 'model', typeof model);
}

/** The tensors that a model is given: as many as it has inputs, a single image made a batch of one. */
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

/** Place of the input that holds the images, among the model's: the first of rank 4. */
export function imageInputOf(action: Action, model: tf.LayersModel): number {
  const index = model.inputs.findIndex(({ shape }) => shape.length === 4);
  if (index >= 0) return index;
  const shapes = model.inputs.map(({ shape }) => shape);
  throw rangeError(action, 'the model must have an input [n, height, width, channels]', 'input shapes', shapes);
}

/**
 * The shapes of the model's inputs with batch size 1 and no size left open.
 *
 * @param inputShape without the batch axis; one, or one for each input; by default what the model was built for
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

/** Whether an image has other channels than the model's, whichever end they are at: rows and columns may be others. */
function hasOtherChannels(shape: tf.Shape, own: tf.Shape): boolean {
  const differs = (axis: number): boolean => !isAbsent(own[axis]) && own[axis] !== shape[axis];
  // A size that is open is that of rows or columns.
  return (
    own.length === 3 &&
    (differs(0) || isAbsent(own[0])) &&
    (differs(2) || isAbsent(own[2])) &&
    (differs(0) || differs(2))
  );
}

/** The shapes of a call's outputs, from those of its inputs. */
export function outputShapesOf(layer: tf.layers.Layer, inputShapes: readonly tf.Shape[]): tf.Shape[] {
  const only = inputShapes.length === 1 ? inputShapes[0]! : [...inputShapes];
  return toShapes(layer.computeOutputShape(only));
}

/** Number of elements of one image's tensor: the product of all axes but the batch. */
export function elementsOf(shape: tf.Shape): number {
  return shape.slice(1).reduce<number>((product, size) => product * (size ?? NaN), 1);
}
