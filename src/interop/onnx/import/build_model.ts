/** Creates the layers of a plan, connects them, and sets their weights. */
import * as tf from '@tensorflow/tfjs';
import { layers } from '../../../layers/registry.js';
import { network } from '../../../models/network.js';
import { FileValues } from '../../file_values.js';
import type { Creation, PlannedInput, PlannedLayer } from './planned.js';
import type { Plan } from './plan_graph.js';

/** Initializer of kernels in TensorFlow.js, if they are trained from the start. */
const GLOROT_UNIFORM = {
  className: 'VarianceScaling',
  config: { scale: 1, mode: 'fanAvg', distribution: 'uniform', seed: null },
};

/** Builds the model. */
export function buildModel({ name, inputs, outputs }: Plan): tf.LayersModel {
  const tensors = new Map<PlannedInput | PlannedLayer, tf.SymbolicTensor>();
  const created = new Map<PlannedLayer, tf.layers.Layer>();
  for (const input of inputs) tensors.set(input, tf.input({ name: input.name, batchShape: input.shape }));
  try {
    for (const planned of inOrder(outputs)) {
      const first = planned.first ?? planned;
      const layer = created.get(first) ?? first.create(creationOf(first));
      created.set(first, layer);
      const given = planned.inputs.map((input) => tensors.get(input)!);
      tensors.set(planned, layer.apply(given.length === 1 ? given[0]! : given) as tf.SymbolicTensor);
    }
    setWeights(created);
    return network({
      ...(name !== '' && { name: name.replace(/[^\w.-]+/g, '_') }),
      inputs: inputs.map((input) => tensors.get(input)!),
      outputs: outputs.map((output, index) => {
        const tensor = tensors.get(output)!;
        // TensorFlow.js names outputs by their layers: an input, or a second use of a layer, gets one of its own.
        if (output.kind === 'layer' && outputs.indexOf(output) === index) return tensor;
        return layers.identity({ name: `output_${index}` }).apply(tensor) as tf.SymbolicTensor;
      }),
    });
  } catch (error) {
    for (const layer of created.values()) for (const weight of layer.weights) weight.dispose();
    throw error;
  }
}

function creationOf({ name, weights }: PlannedLayer): Creation {
  const largest = Math.max(0, ...Object.values(weights).map(({ values }) => values.length));
  return {
    name,
    has: (weight) => Object.hasOwn(weights, weight),
    kernelInitializer: new FileValues(GLOROT_UNIFORM, largest),
  };
}

/** Layers that outputs need, each after its inputs. */
function inOrder(outputs: readonly (PlannedInput | PlannedLayer)[]): PlannedLayer[] {
  const ordered = new Set<PlannedLayer>();
  const waiting = [...outputs].reverse();
  while (waiting.length > 0) {
    const next = waiting.at(-1)!;
    const missing =
      next.kind === 'input' ? [] : next.inputs.filter((input) => input.kind === 'layer' && !ordered.has(input));
    if (missing.length > 0 && next.kind === 'layer' && !ordered.has(next)) {
      waiting.push(...missing.reverse());
      continue;
    }
    waiting.pop();
    if (next.kind === 'layer') ordered.add(next);
  }
  return [...ordered];
}

function setWeights(created: ReadonlyMap<PlannedLayer, tf.layers.Layer>): void {
  for (const [{ name, weights }, layer] of created) {
    for (const variable of layer.weights) {
      const { originalName, shape } = variable;
      const own = originalName.slice(originalName.lastIndexOf('/') + 1);
      const given = weights[own];
      if (given === undefined || String(given.shape) !== String(shape)) {
        throw new Error(`layer ${name} has a weight ${own} [${String(shape)}] that is not planned`);
      }
      tf.tidy(() => {
        variable.write(tf.tensor(given.values, [...given.shape]));
      });
    }
  }
}
