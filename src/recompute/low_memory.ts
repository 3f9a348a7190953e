/** Training steps of a model with less memory: its activations are computed again in the backward pass. */
import * as tf from '@tensorflow/tfjs';
import { rangeError, type Action } from '../errors.js';
import { replaceMembers } from '../support/replace_members.js';
import { callInParts, type CallArguments } from './parts.js';
import { isTapeOn, tapeEngine } from './tape.js';

/** Runs training steps of a model so that they need less memory, with the same results. */
export class LowMemory {
  /** @throws RangeError if a layer computes masks, which reach the layers after it beside the tensors */
  constructor(
    action: Action,
    private readonly model: tf.LayersModel,
  ) {
    for (const { layers } of modelsIn(model)) {
      const masking = layers.find(computesMasks);
      if (masking) {
        throw rangeError(action, "layers must compute no masks with memory = 'low'", 'layer', masking.name);
      }
    }
  }

  /** Runs a step in which the model is called in training mode. */
  run<Result>(step: () => Result): Result {
    const restore = modelsIn(this.model).map((model, index) => {
      const call = callOf(model);
      // `fit` does not call the model that it trains, but computes its outputs.
      return replaceMembers(model, index === 0 ? { call, outputs: standIns(model, call) } : { call });
    });
    try {
      return step();
    } finally {
      for (const undo of restore) undo();
    }
  }
}

type Call = (given: tf.Tensor | tf.Tensor[], kwargs: CallArguments) => tf.Tensor[];

/** Calls a model part by part in a step, and as the host does otherwise. */
function callOf({ inputs, outputs }: tf.LayersModel): Call {
  return (given, kwargs) => {
    const isStep = kwargs['training'] === true && isTapeOn(tapeEngine());
    const run = isStep ? callInParts : callWhole;
    return tf.tidy(() => run({ inputs, outputs }, [given].flat(), kwargs));
  };
}

/** Calls a model as the host does. */
function callWhole(
  graph: Pick<tf.LayersModel, 'inputs' | 'outputs'>,
  values: tf.Tensor[],
  kwargs: CallArguments,
): tf.Tensor[] {
  return tf.LayersModel.prototype.call.call(graph, values, kwargs) as tf.Tensor[];
}

/** The model, first, and those nested in it. */
function modelsIn(model: tf.LayersModel): readonly tf.LayersModel[] {
  const inner = innerOf(model);
  const nested = inner.layers.flatMap((layer) => (layer instanceof tf.LayersModel ? modelsIn(layer) : []));
  return [...new Set([inner, ...nested])];
}

/** A sequential model passes its calls on to a model inside it, which it makes at the first call, and anew if compiled. */
function innerOf(model: tf.LayersModel): tf.LayersModel {
  if (!(model instanceof tf.Sequential)) return model;
  const host = model as unknown as { readonly model?: tf.LayersModel };
  if (!host.model) model.build();
  return host.model!;
}

function computesMasks(layer: tf.layers.Layer): boolean {
  const { maskZero } = layer as unknown as { readonly maskZero?: boolean };
  return layer.getClassName() === 'Masking' || maskZero === true;
}

/** Outputs that the host computes by one call, as if the model were a single layer. */
function standIns({ inputs, outputs }: tf.LayersModel, call: Call): readonly tf.SymbolicTensor[] {
  const layer = { inboundNodes: [{}], output: [] as tf.SymbolicTensor[], supportsMasking: false, apply: call };
  layer.output = outputs.map(({ dtype, shape }, index) => {
    const name = `low_memory_${index}`;
    if (index === 0) return new tf.SymbolicTensor(dtype, shape, layer as unknown as tf.layers.Layer, inputs, {}, name);
    // The host would call the layer for each of its outputs; those of an input layer it takes as known.
    return new tf.SymbolicTensor(dtype, shape, inputs[0]!.sourceLayer, [], {}, name);
  });
  return layer.output;
}
