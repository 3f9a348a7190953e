/** Reports a network in numbers: cost and receptive field of each layer. */
import type * as tf from '@tensorflow/tfjs';
import * as conv from 'tfjs-convolutions';
import type { NetworkReport, SeenLayer } from './messages.js';

/**
 * @param shape [height, width, channels] of the images; undefined for a network that does not take one image
 * @param fields receptive fields of the layers, if they are known
 * @param seen layers whose samples are known
 * @throws RangeError if the work of the network is unknown
 */
export function reportOn(
  model: tf.LayersModel,
  shape: number[] | undefined,
  fields: readonly conv.LayerReceptiveField[],
  seen: readonly SeenLayer[],
): NetworkReport {
  const { layers, total, uncounted } = conv.cost(model, shape && { inputShape: shape });
  const fieldOf = new Map(fields.map((field) => [field.name, field]));
  const samplings = new Map(seen.map(({ name, sampling }) => [name, sampling]));
  return {
    rows: layers.map(({ name, type, outputShape, params, macs, offsetMacs }) => {
      const field = fieldOf.get(name);
      return {
        ...{ name, type, outputShape },
        parameters: params.trainable + params.nonTrainable,
        macs: macs + offsetMacs,
        field: field?.size,
        stride: field?.stride,
        samples: samplings.get(name)?.taps,
      };
    }),
    parameters: total.params.trainable + total.params.nonTrainable,
    macs: total.macs + total.offsetMacs,
    uncounted,
  };
}
