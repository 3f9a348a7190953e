/** Builds the network of a plan with its initial weights, as files, from which a resumed run starts too. */
import * as tf from '@tensorflow/tfjs';
import { encodeModel, preprocessingOf, type EncodedModel, type SplitDataset } from 'tfjs-convolutions/training';
import { imageClassifier } from '../engine/image_classifier.js';
import { readModel } from '../engine/read_model.js';
import { loadTrunk, withNewHead } from './load_trunk.js';
import { buildNetwork } from './networks.js';
import type { NetworkChoice, Settings } from './protocol.js';

/** Loads the network that a run starts from; undefined if it starts from random weights. */
export async function startingModel(network: NetworkChoice): Promise<tf.LayersModel | undefined> {
  switch (network.kind) {
    case 'named':
      return undefined;
    case 'imported':
      return (await imageClassifier(await readModel(network.model))).model;
    case 'pretrained':
      return loadTrunk(network.name);
  }
}

/** @param start the network that the run starts from; it stays as it is, except that a pretrained one is frozen */
export async function prepareModel(
  network: NetworkChoice,
  { seed }: Settings,
  { train: { height, channels, classNames } }: SplitDataset,
  start: tf.LayersModel | undefined,
): Promise<EncodedModel> {
  const made = make(network, { side: height, channels, classes: classNames.length }, seed, start);
  // The command line and this page read these back.
  made.setUserDefinedMetadata({ classNames: [...classNames], seed, preprocessing: preprocessingOf(made) });
  const files = await encodeModel(made);
  if (made !== start) made.dispose();
  return files;
}

function make(
  network: NetworkChoice,
  shape: Parameters<typeof buildNetwork>[1],
  seed: number,
  start: tf.LayersModel | undefined,
): tf.LayersModel {
  if (network.kind === 'named') return buildNetwork(network.name, shape, seed);
  return network.kind === 'pretrained' ? withNewHead(start!, shape.classes, seed) : start!;
}
