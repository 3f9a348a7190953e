/** Layout of image tensors: which axes are rows and columns. Layers with a data format define it, others keep it. */
import type * as tf from '@tensorflow/tfjs';
import { foldModel } from './graph.js';

/** Order of the axes of an image: channels before rows and columns, or after them. */
export type Layout = 'channelsFirst' | 'channelsLast';

/** Axes of height and width in a batch. */
export const SPATIAL_AXES = { channelsFirst: [2, 3], channelsLast: [1, 2] } as const;

/** Dimension orders of `tf.layers.permute` that move the channels to the other end. */
const MOVES: Readonly<Record<string, Layout>> = { '3,1,2': 'channelsFirst', '2,3,1': 'channelsLast' };

/** Layout that a layer reads and writes, if it has a data format. */
function formatOf(layer: tf.layers.Layer): Layout | undefined {
  const { dataFormat } = layer.getConfig();
  return dataFormat === 'channelsFirst' || dataFormat === 'channelsLast' ? dataFormat : undefined;
}

/** Layout of a layer's output, from that of its input. */
export function layoutAfter(layer: tf.layers.Layer, input: Layout): Layout {
  return formatOf(layer) ?? movedTo(layer) ?? input;
}

/** Layout that a `permute` layer produces, if it moves the channels. */
export function movedTo(layer: tf.layers.Layer): Layout | undefined {
  const { dims } = layer.getConfig();
  return layer.getClassName() === 'Permute' && Array.isArray(dims) ? MOVES[dims.join()] : undefined;
}

/** Layout of the model's images: that of the first layer on their path with a data format, or channels last. */
export function inputLayout(model: tf.LayersModel, imageInput: number): Layout {
  let found: Layout | undefined;
  const reached = model.inputs.map((_, index) => index === imageInput);
  foldModel<boolean>(model, reached, ({ layer }, inputs) => {
    const unchanged = inputs.some((input) => input);
    const moved = movedTo(layer);
    if (unchanged) {
      const opposite = moved === 'channelsFirst' ? 'channelsLast' : 'channelsFirst';
      found ??= moved === undefined ? formatOf(layer) : opposite;
    }
    const kept = unchanged && moved === undefined;
    return new Array<boolean>(outputsOf(layer)).fill(kept);
  });
  return found ?? 'channelsLast';
}

/** Number of outputs of a layer's calls. */
function outputsOf(layer: tf.layers.Layer): number {
  return layer.inboundNodes[0]?.outputTensors.length ?? 1;
}
