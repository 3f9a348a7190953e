/** Loads a network from files that the user selected. */
import type * as tf from '@tensorflow/tfjs';
import { decodeModel, type EncodedModel } from 'tfjs-convolutions/training';

/** @throws CorruptFileError if they are corrupt or not a network */
export async function readModel({ topology, weights }: EncodedModel): Promise<tf.LayersModel> {
  return decodeModel({ name: 'model.json', topology, readWeights: () => Promise.resolve(weights) });
}
