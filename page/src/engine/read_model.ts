/** A network from the files that a person chose. */
import type * as tf from '@tensorflow/tfjs';
import { decodeModel, type EncodedModel } from 'tfjs-convolutions/training';

/** @throws CorruptFileError if they are damaged, or none of a network */
export async function readModel({ topology, weights }: EncodedModel): Promise<tf.LayersModel> {
  return decodeModel({ name: 'model.json', topology, readWeights: () => Promise.resolve(weights) });
}
