/** Short names of what a checkpoint belongs to: the architecture of a model, the contents of a data set. */
import { createHash } from 'node:crypto';
import type * as tf from '@tensorflow/tfjs';
import type { Dataset, SplitDataset } from './dataset.js';

/**
 * A name that two models share when they have the same layers with the same settings, connected alike. Names of layers
 * do not count, for the host numbers them through a process.
 */
export function architectureFingerprint(model: tf.LayersModel): string {
  const places = new Map(model.layers.map((layer, index) => [layer.name, index]));
  const description = model.layers.map((layer) => {
    const config = layer.getConfig();
    delete config['name'];
    const inputs = layer.inboundNodes.map((node) => node.inboundLayers.map((inbound) => places.get(inbound.name)));
    return [layer.getClassName(), config, inputs, layer.weights.map((weight) => weight.shape)];
  });
  return createHash('sha256').update(JSON.stringify(description)).digest('hex').slice(0, 32);
}

// Data sets do not change, and hashing a large one at every checkpoint would be felt.
const knownData = new WeakMap<SplitDataset, string>();

/** A name that two data sets share when pixels, labels, classes and the division into two parts are the same. */
export function dataFingerprint(data: SplitDataset): string {
  const known = knownData.get(data);
  if (known !== undefined) return known;
  const hash = createHash('sha256');
  for (const part of [data.train, data.test]) addDataset(hash, part);
  const fingerprint = hash.digest('hex').slice(0, 32);
  knownData.set(data, fingerprint);
  return fingerprint;
}

function addDataset(hash: ReturnType<typeof createHash>, { images, labels, ...rest }: Dataset): void {
  hash.update(JSON.stringify([rest.height, rest.width, rest.channels, rest.classNames, images.length]));
  for (const values of [images, labels]) {
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
}
