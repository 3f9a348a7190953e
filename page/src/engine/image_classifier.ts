/** Makes image classifiers of networks that a user imports. */
import * as tf from '@tensorflow/tfjs';

/** An image classifier, and the note on what was changed for it. */
export interface ImageClassifier {
  readonly model: tf.LayersModel;
  /** True if the network gives scores, of which a softmax that was added makes probabilities. */
  readonly addsSoftmax: boolean;
}

/** Largest difference of a sum of probabilities from 1. */
const TOLERANCE = 1e-3;

/**
 * Checks that a network sorts images of one size into classes. One that gives scores (logits) gets a softmax.
 *
 * @param model a network; it is disposed if it is none
 * @throws Error with what it does instead
 */
export async function imageClassifier(model: tf.LayersModel): Promise<ImageClassifier> {
  try {
    checkShapes(model);
    const outputs = await tryOut(model);
    if (!outputs.every(Number.isFinite)) throw new Error('The outputs of this network are not finite numbers.');
    const classes = model.outputs[0]!.shape[1]!;
    if (isProbability(outputs, classes)) return { model, addsSoftmax: false };
    const activation = activationOf(model.outputs[0]!);
    if (activation !== 'linear') {
      throw new Error(
        `The outputs of this network (${activation}) do not add up to 1, as those for several labels an image; here, an image has one class.`,
      );
    }
    const probabilities = tf.layers.softmax({}).apply(model.outputs[0]!) as tf.SymbolicTensor;
    const complete = tf.model({ inputs: model.inputs, outputs: probabilities });
    const notes = model.getUserDefinedMetadata() as object | undefined;
    if (notes !== undefined) complete.setUserDefinedMetadata(notes);
    return { model: complete, addsSoftmax: true };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** Layers that pass values on. */
const PASSING = /^(.*>)?(Reshape|Flatten|Dropout|Identity)$/;

/** Activation of the layer that an output comes from; 'linear' if it names none. */
function activationOf({ sourceLayer, nodeIndex, outputTensorIndex }: tf.SymbolicTensor): string {
  if (sourceLayer instanceof tf.LayersModel) return activationOf(sourceLayer.outputs[outputTensorIndex ?? 0]!);
  const name = sourceLayer.getClassName();
  if (PASSING.test(name)) return activationOf(sourceLayer.inboundNodes[nodeIndex]!.inputTensors[0]!);
  if (name === 'Softmax') return 'softmax';
  const { activation } = sourceLayer.getConfig();
  return typeof activation === 'string' ? activation : 'linear';
}

function checkShapes({ inputs, outputs }: tf.LayersModel): void {
  if (inputs.length > 1) throw new Error(`This network takes ${inputs.length} inputs; here, it must take one image.`);
  if (outputs.length > 1) throw new Error(`This network has ${outputs.length} outputs; here, it must have one.`);
  // According to the types of the host, shapes of images are complete.
  const { shape }: { readonly shape: readonly (number | null)[] } = inputs[0]!;
  if (shape.length !== 4) throw new Error('This network does not take images.');
  const channels = shape[3]!;
  if (shape.some((size, axis) => axis > 0 && size === null)) {
    throw new Error(
      'This network takes images of any size; here, it must say one: convert it with a fixed input size.',
    );
  }
  if (channels !== 1 && channels !== 3) {
    throw new Error(`This network takes images with ${channels} channels; here, it must be 1 (grey) or 3 (colour).`);
  }
  const output = outputs[0]!.shape;
  if (output.length !== 2) {
    throw new Error('This network does not sort images into classes: its output is a map, not a list of classes.');
  }
  if ((output[1] ?? 0) < 2) {
    throw new Error('This network has a single output; here, it must have two classes or more.');
  }
}

/** Outputs for two images of noise, which no network gives probabilities for by chance. */
async function tryOut(model: tf.LayersModel): Promise<number[]> {
  const output = tf.tidy(() => {
    const [, ...shape] = model.inputs[0]!.shape as number[];
    return model.apply(tf.randomUniform([2, ...shape], -1, 1, 'float32', 1), { training: false }) as tf.Tensor;
  });
  const values = Array.from(await output.data());
  output.dispose();
  return values;
}

function isProbability(values: readonly number[], classes: number): boolean {
  if (values.some((value) => value < 0)) return false;
  for (let start = 0; start < values.length; start += classes) {
    const sum = values.slice(start, start + classes).reduce((a, b) => a + b);
    if (Math.abs(sum - 1) > TOLERANCE) return false;
  }
  return true;
}
