/** Gives a trained classifier another number of classes, as the first step of transfer learning. */
import * as tf from '@tensorflow/tfjs';
import { checkInteger, checkOneOf, rangeError } from '../errors.js';
import { checkModel } from '../support/check_model.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { propagateFlags, unfreeze } from './freeze.js';
import { headOf, pathTo, UNITS, type Head } from './head.js';
import { copyModel, restore } from './rebuild.js';

const ACTION = 'replace the head';
const ACTIVATIONS = ['softmax', 'sigmoid', 'linear'] as const;

/** Options of `replaceHead`. */
export interface ReplaceHeadOptions {
  /** Activation of the output: `'sigmoid'` for images with several labels. @default that of the model */
  readonly activation?: 'softmax' | 'sigmoid' | 'linear';
}

const OPTIONS: OptionNames<ReplaceHeadOptions> = { activation: true };

/**
 * Copies a model with a new head: the last layer with weights, a dense layer or a convolution, gets new weights for another
 * number of classes. All other weights are copied, and layers that were frozen are frozen in the copy, except the head. The
 * model itself is unchanged. A head whose number of classes is already right is new, too.
 *
 * @param model classifier, or segmentation network, with one output; nested models are allowed
 * @param classes number of classes, at least 1
 * @param options activation of the output; see {@link ReplaceHeadOptions}
 * @returns an uncompiled model of the same layer names
 * @throws TypeError for anything but a model, and for a number of the wrong kind; RangeError if the last layer with weights is
 * neither dense nor a convolution without groups, or if the number of classes depends on anything else than it
 * @see https://keras.io/guides/transfer_learning/
 * @example
 * ```ts
 * const trained = conv.mobileNetV2({ alpha: 0.35, inputShape: [32, 32, 3], classes: 10 });
 * const model = conv.replaceHead(trained, 3);
 * conv.freeze(model, { upTo: 'out_relu' });
 * console.log(model.outputShape, model.trainableWeights.length); // [null, 3] 2
 * ```
 */
export function replaceHead(model: tf.LayersModel, classes: number, options: ReplaceHeadOptions = {}): tf.LayersModel {
  checkModel(ACTION, model);
  checkInteger(ACTION, 'classes', classes, 1);
  checkOptions(ACTION, options, OPTIONS);
  const { activation } = options;
  if (activation !== undefined) checkOneOf(ACTION, 'activation', activation, ACTIVATIONS);
  const found = headOf(ACTION, model);
  const { layer: head, behind, classes: before } = found;
  const activated = activation === undefined ? undefined : activatedLayer(found);
  const { copy, layers } = copyModel(model, (layer) => {
    const own = layer === activated ? { activation: activation! } : {};
    if (layer === head) return restore(layer, { [UNITS[layer.getClassName()]!]: classes, ...own });
    return restore(layer, behind.has(layer) ? { ...reshaped(layer, before, classes), ...own } : {});
  });
  const outputs = copy.outputs[0]!.shape.at(-1);
  if (outputs !== classes) {
    for (const weight of copy.weights) weight.dispose();
    throw rangeError(ACTION, `the layers behind '${head.name}' must keep its number of classes`, 'classes', outputs);
  }
  for (const [layer, copied] of layers) if (layer !== head) copyWeights(layer, copied);
  propagateFlags(copy);
  unfreeze(copy, { from: pathTo(copy, layers.get(head)!) });
  return copy;
}

/** The layer with the activation of the output: the last one that has any, or the head. */
function activatedLayer({ layer: head, behind }: Head): tf.layers.Layer {
  const last = [...behind, head].find((layer) => {
    const { activation } = layer.getConfig();
    return layer.getClassName() === 'Softmax' || (typeof activation === 'string' && activation !== 'linear');
  });
  if (last?.getClassName() !== 'Softmax') return last ?? head;
  throw rangeError(ACTION, 'the activation must be an option of a layer', 'layer', last.name);
}

/** Changes to the options of a layer behind the head: a reshape names the number of classes. */
function reshaped(layer: tf.layers.Layer, from: number, to: number): tf.serialization.ConfigDict {
  const { targetShape } = layer.getConfig();
  if (layer.getClassName() !== 'Reshape' || !Array.isArray(targetShape) || targetShape.at(-1) !== from) return {};
  return { targetShape: [...targetShape.slice(0, -1), to] };
}

/** Copies weights in the order of their creation; the host's order depends on which of them are frozen. */
function copyWeights(from: tf.layers.Layer, to: tf.layers.Layer): void {
  const inOrder = ({ weights }: tf.layers.Layer): tf.LayerVariable[] => [...weights].sort((a, b) => a.id - b.id);
  const copies = inOrder(to);
  inOrder(from).forEach((weight, index) => {
    copies[index]!.write(weight.read());
  });
}
