/** Files of a network, and what a program needs to load them. */
import * as tf from '@tensorflow/tfjs';
import { toStockLayers } from 'tfjs-convolutions';
import { encodeModel, preprocessingOf, type EncodedModel, type Preprocessing } from 'tfjs-convolutions/training';

/** Largest difference of outputs between the two forms of a network. */
const TOLERANCE = 1e-4;

export interface ExportedModel {
  readonly files: EncodedModel;
  /** True if TensorFlow.js alone loads them; otherwise a program imports this package first. */
  readonly isStock: boolean;
  readonly preprocessing: Preprocessing;
}

export async function exportModel(model: tf.LayersModel): Promise<ExportedModel> {
  const preprocessing = preprocessingOf(model);
  const stock = await stockForm(model);
  try {
    return { files: await encodeModel(stock ?? model), isStock: stock !== undefined, preprocessing };
  } finally {
    stock?.dispose();
  }
}

/** The network in layers of TensorFlow.js; undefined if it has others, or if their outputs differ. */
async function stockForm(model: tf.LayersModel): Promise<tf.LayersModel | undefined> {
  let stock: tf.LayersModel;
  try {
    stock = toStockLayers(model);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  stock.setUserDefinedMetadata(model.getUserDefinedMetadata());
  const difference = tf.tidy(() => {
    const [, ...shape] = model.inputs[0]!.shape as number[];
    const x = tf.randomUniform([2, ...shape], -1, 1, 'float32', 1);
    const [ours, theirs] = [model, stock].map((each) => each.apply(x, { training: false }) as tf.Tensor);
    return tf.max(tf.abs(tf.sub(ours!, theirs!)));
  });
  const [worst] = await difference.data();
  difference.dispose();
  if (worst! <= TOLERANCE) return stock;
  stock.dispose();
  return undefined;
}
