/** Short names of what a checkpoint belongs to: the architecture of a model, the contents of a data set. */
import type * as tf from '@tensorflow/tfjs';
import type { Dataset, SplitDataset } from './dataset.js';
import { sha256Hex } from './sha256.js';

const DIGITS = 32;

/**
 * A name that two models share when they have the same layers with the same settings, connected alike. Names of layers
 * do not count, for the host numbers them through a process.
 */
export async function architectureFingerprint(model: tf.LayersModel): Promise<string> {
  const places = new Map(model.layers.map((layer, index) => [layer.name, index]));
  const description = model.layers.map((layer) => {
    const config = layer.getConfig();
    delete config['name'];
    const inputs = layer.inboundNodes.map((node) => node.inboundLayers.map((inbound) => places.get(inbound.name)));
    return [layer.getClassName(), config, inputs, layer.weights.map((weight) => weight.shape)];
  });
  return (await sha256Hex(encode(description))).slice(0, DIGITS);
}

// Data sets do not change, and hashing a large one at every checkpoint would be felt.
const knownData = new WeakMap<SplitDataset, Promise<string>>();

/** A name that two data sets share when pixels, labels, classes and the division into two parts are the same. */
export function dataFingerprint(data: SplitDataset): Promise<string> {
  const known = knownData.get(data);
  if (known !== undefined) return known;
  const fingerprint = sha256Hex(...[data.train, data.test].flatMap(contents)).then((hex) => hex.slice(0, DIGITS));
  knownData.set(data, fingerprint);
  return fingerprint;
}

function contents({ images, labels, ...rest }: Dataset): ArrayBufferView[] {
  return [encode([rest.height, rest.width, rest.channels, rest.classNames, images.length]), images, labels];
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
