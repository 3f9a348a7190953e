/** Loads pretrained networks in the worker. */
import * as tf from '@tensorflow/tfjs';
import { freeze, replaceHead } from 'tfjs-convolutions';
import { preprocessingOf, Random, withSeed } from 'tfjs-convolutions/training';
import { readModel } from '../engine/read_model.js';
import { trunkFiles, type TrunkChoice } from './trunks.js';

async function download(address: string): Promise<Response> {
  const response = await fetch(new URL(address, import.meta.url));
  if (!response.ok) throw new Error(`The pretrained network did not load (${response.status})`);
  return response;
}

/**
 * Loads a pretrained network with its own classes.
 *
 * @throws Error if a file does not load
 */
export async function loadTrunk(trunk: TrunkChoice): Promise<tf.LayersModel> {
  const { model, weights } = trunkFiles(trunk);
  const [json, bytes] = await Promise.all([download(model), download(weights)]);
  return readModel({ topology: await json.text(), weights: new Uint8Array(await bytes.arrayBuffer()) });
}

/** A copy of a pretrained network for other classes, in which only the last layer learns. */
export function withNewHead(trunk: tf.LayersModel, classes: number, seed: number): tf.LayersModel {
  freeze(trunk);
  const model = withSeed(new Random(seed, 'initialization'), () => replaceHead(trunk, classes));
  model.setUserDefinedMetadata({ preprocessing: preprocessingOf(trunk) });
  return model;
}
