/**
 * A model as a list of layer calls in the order of computation, nested models opened. Analyses fold over it: they give
 * each input a value and say how a call turns the values of its inputs into those of its outputs.
 */
import * as tf from '@tensorflow/tfjs';
import { rangeError, typeError, type Action } from '../errors.js';
import { toShapes } from '../layers/base_layer.js';

/** One use of a layer. */
export interface LayerCall {
  readonly layer: tf.layers.Layer;
  /** The layer's name, after those of the models that it is nested in: `features/conv1`. */
  readonly path: string;
  /** Whether the layer has been called before in this model: its weights then count no more. */
  readonly repeated: boolean;
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
  return follow(model, inputs, visit, '', new Set());
}

function follow<T>(
  model: tf.LayersModel,
  inputs: readonly T[],
  visit: Visit<T>,
  prefix: string,
  seen: Set<tf.layers.Layer>,
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
        ? follow(layer, nodeInputs, visit, `${path}/`, seen)
        : visit({ layer, path, repeated: seen.has(layer) }, nodeInputs);
    seen.add(layer);
    node.outputTensors.forEach((output, index) => values.set(output.id, outputs[index]!));
    return values.get(tensor.id)!;
  };
  return model.outputs.map(compute);
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
  if (!(model instanceof tf.LayersModel))
    throw typeError(action, 'model must be a tf.LayersModel', 'model', typeof model);
  const own = model.inputs.map(({ shape }) => shape.slice(1));
  const given = inputShape === undefined ? own : toShapes(inputShape as tf.Shape);
  if (given.length !== own.length || given.some((shape, index) => shape.length !== own[index]!.length)) {
    throw rangeError(action, `the model's inputs have the shapes ${JSON.stringify(own)}`, 'inputShape', inputShape);
  }
  if (given.flat().some((size) => size === null || !Number.isInteger(size) || size < 1)) {
    const rule = 'all sizes must be known and at least 1; give them as options.inputShape';
    throw rangeError(action, rule, 'inputShape', given.length === 1 ? given[0] : given);
  }
  return given.map((shape) => [1, ...shape]);
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
