/** Fingerprints by which a checkpoint recognizes its model architecture and its data set. */
import type * as tf from '@tensorflow/tfjs';
import type { Dataset, SplitDataset } from './dataset.js';
import { sha256Hex } from './sha256.js';

const DIGITS = 32;

/**
 * Fingerprint of an architecture: equal for two models with the same layers, settings and connections. Names of layers are
 * ignored, since the host numbers them consecutively in each process.
 */
export async function architectureFingerprint(model: tf.LayersModel): Promise<string> {
  const positions = new Map(model.layers.map((layer, index) => [layer.name, index]));
  const description = model.layers.map((layer) => {
    const config = layer.getConfig();
    delete config['name'];
    const inputs = layer.inboundNodes.map((node) => node.inboundLayers.map((inbound) => positions.get(inbound.name)));
    return [layer.getClassName(), config, inputs, layer.weights.map((weight) => weight.shape)];
  });
  return (await sha256Hex(encode(description))).slice(0, DIGITS);
}

// Data sets do not change, and hashing a large one for every checkpoint would be noticeably slow.
const knownData = new WeakMap<SplitDataset, Promise<string>>();

/** Fingerprint of a data set: equal for data sets with the same pixels, labels, classes and split. */
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
