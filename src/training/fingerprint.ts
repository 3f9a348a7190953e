/** Fingerprints by which a checkpoint recognizes its model architecture and its data set. */
import type * as tf from '@tensorflow/tfjs';
import { isStream, type TrainingData } from './batch_stream.js';
import { isSource } from './image_source.js';
import { DEFAULT_SCALING } from './preprocessing.js';
import { sha256Hex } from './sha256.js';

const DIGITS = 32;

/** Options that layers did not have when version 0.1.0 wrote its checkpoints, with the values that change nothing. */
const LATER_OPTIONS = new Map<string, unknown>([
  ['precision', 'single'],
  ['packedImages', 'none'],
]);

/**
 * Fingerprint of an architecture: equal for two models with the same layers, settings and connections. Names of layers are
 * ignored, since the host numbers them consecutively in each process.
 */
export async function architectureFingerprint(model: tf.LayersModel): Promise<string> {
  const positions = new Map(model.layers.map((layer, index) => [layer.name, index]));
  const description = model.layers.map((layer) => {
    const options = Object.entries(layer.getConfig());
    const config = Object.fromEntries(
      options.filter(([name, value]) => name !== 'name' && LATER_OPTIONS.get(name) !== value),
    );
    const inputs = layer.inboundNodes.map((node) => node.inboundLayers.map((inbound) => positions.get(inbound.name)));
    return [layer.getClassName(), config, inputs, layer.weights.map((weight) => weight.shape)];
  });
  return (await sha256Hex(encode(description))).slice(0, DIGITS);
}

// Data sets do not change, and hashing a large one for every checkpoint would be noticeably slow.
const knownData = new WeakMap<TrainingData, Promise<string>>();

/**
 * Fingerprint of a data set: equal for data sets with the same pixels, labels, classes and split. That of images which are
 * read when they are needed is another, but the same wherever they are kept. That of a stream does not cover its pixels.
 */
export function dataFingerprint(data: TrainingData): Promise<string> {
  const known = knownData.get(data);
  if (known !== undefined) return known;
  const fingerprint = sha256Hex(...[data.train, data.test].flatMap(contents)).then((hex) => hex.slice(0, DIGITS));
  knownData.set(data, fingerprint);
  return fingerprint;
}

function contents(images: TrainingData['train']): ArrayBufferView[] {
  if (isStream(images)) {
    const { height, width, channels, classNames, stepsPerEpoch } = images;
    return [encode([height, width, channels, classNames, 'stream', stepsPerEpoch])];
  }
  const { height, width, channels, classNames, preprocessing, labels, masks, multiHot } = images;
  const { scale, offset } = preprocessing ?? DEFAULT_SCALING;
  const isDefault = scale === DEFAULT_SCALING.scale && offset === DEFAULT_SCALING.offset;
  const scaling = isDefault ? [] : [scale, offset];
  const pixels = isSource(images) ? images.digests : images.images;
  const classes = masks ? [encode(['masks', masks.height, masks.width]), masks.values] : [];
  const rows = multiHot ? [encode('several labels'), multiHot] : [];
  return [
    encode([height, width, channels, classNames, pixels.length, ...scaling]),
    pixels,
    labels,
    ...classes,
    ...rows,
  ];
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
