/** The head of a model: its last layer with weights, which has an output for each class. */
import * as tf from '@tensorflow/tfjs';
import { rangeError, type Action } from '../errors.js';

/** Layers that can be a head, with the option for their number of outputs. */
export const UNITS: Readonly<Record<string, 'units' | 'filters'>> = {
  Dense: 'units',
  Conv2D: 'filters',
  Conv2DTranspose: 'filters',
  'Convolutions>Conv2D': 'filters',
  'Convolutions>PointwiseConv2D': 'filters',
  'Convolutions>DilatedConv2D': 'filters',
  'Convolutions>Conv2DTranspose': 'filters',
};

/** The last layer with weights. */
export interface Head {
  readonly layer: tf.layers.Layer;
  /** Layers between it and the output. */
  readonly behind: ReadonlySet<tf.layers.Layer>;
  readonly classes: number;
}

/**
 * Finds the head, from the output backwards.
 *
 * @throws RangeError if the last layer with weights is neither dense nor a convolution without groups
 */
export function headOf(action: Action, model: tf.LayersModel): Head {
  const fail = (rule: string, layer: string): never => {
    throw rangeError(action, rule, 'layer', layer);
  };
  const behind = new Set<tf.layers.Layer>();
  let tensor = onlyOutput(action, model);
  for (;;) {
    const { sourceLayer: layer, nodeIndex } = tensor;
    if (layer.weights.length === 0) {
      behind.add(layer);
      const { inboundLayers, inputTensors } = layer.inboundNodes[nodeIndex]!;
      // An input layer is its own input.
      if (inboundLayers.length !== 1) fail('one layer with weights must lead to the output', layer.name);
      tensor = inputTensors[0]!;
    } else if (layer instanceof tf.LayersModel) {
      tensor = onlyOutput(action, layer);
    } else {
      const option = UNITS[layer.getClassName()];
      const config = layer.getConfig();
      if (option !== undefined && (config['groups'] ?? 1) === 1) {
        return { layer, behind, classes: config[option] as number };
      }
      fail('the last layer with weights must be dense or a convolution without groups', layer.name);
    }
  }
}

function onlyOutput(action: Action, { outputs, name }: tf.LayersModel): tf.SymbolicTensor {
  if (outputs.length === 1) return outputs[0]!;
  throw rangeError(action, `the model '${name}' must have one output`, 'outputs', outputs.length);
}

/** Name of a layer, prefixed with those of the nested models that contain it. */
export function pathTo(model: tf.LayersModel, layer: tf.layers.Layer): string {
  const inner = model.layers.filter((each): each is tf.LayersModel => each instanceof tf.LayersModel);
  const around = model.layers.includes(layer) ? undefined : inner.find((each) => contains(each, layer));
  return around === undefined ? layer.name : `${around.name}/${pathTo(around, layer)}`;
}

function contains({ layers }: tf.LayersModel, layer: tf.layers.Layer): boolean {
  return layers.some((each) => each === layer || (each instanceof tf.LayersModel && contains(each, layer)));
}
