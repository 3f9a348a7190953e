/** Engine of "Explore", in the worker: layers of the package, analyzed for their cost and run on numbers. */
import * as tf from '@tensorflow/tfjs';
import * as conv from 'tfjs-convolutions';
import { probeBackends, startBackend } from '../engine/backends.js';
import { startWasm } from '../engine/wasm_backend.js';
import type { Answer, Counts, LayerSpec, Network, Question, Step, Values } from './model/question.js';

const started = startWasm();

export const engine = {
  backends: probeBackends,
  answer: async (question: Question): Promise<Answer> => {
    await started;
    if (question.run !== null && question.run.backend !== tf.getBackend()) await startBackend(question.run.backend);
    const model = build(question.network);
    const peer = question.peer && build(question.peer);
    try {
      const { layers } = conv.receptiveField(model);
      const last = layers.at(-1)!;
      return {
        ...countsOf(model),
        outputShape: model.outputShape.slice(1) as number[],
        weights: model.layers.flatMap((layer) =>
          layer.weights.map(({ originalName, shape }) => ({
            name: originalName.split('/').at(-1)!,
            count: tf.util.sizeFromShape(shape as number[]),
          })),
        ),
        fields: layers.map(({ size }) => size),
        dataDependent: last.dataDependent,
        global: last.global,
        peer: peer && countsOf(peer),
        maps: question.run === null ? [] : await run(question.run.input, question.run.steps),
      };
    } finally {
      model.dispose();
      peer?.dispose();
    }
  },
};

function create({ factory, args }: LayerSpec): tf.layers.Layer {
  return (conv.layers[factory] as (args: LayerSpec['args']) => tf.layers.Layer)(args);
}

/** Builds a model of the layers in sequence; input types default to float32. */
function build({ inputShapes, layers }: Network, dtypes: readonly tf.DataType[] = []): tf.LayersModel {
  const inputs = inputShapes.map((shape, index) => tf.input({ shape: [...shape], dtype: dtypes[index] ?? 'float32' }));
  const output = layers.reduce<tf.SymbolicTensor | tf.SymbolicTensor[]>(
    (tensor, spec) => create(spec).apply(tensor) as tf.SymbolicTensor,
    inputs.length === 1 ? inputs[0]! : inputs,
  );
  return tf.model({ inputs, outputs: output });
}

function countsOf(model: tf.LayersModel): Counts {
  const { params, macs, offsetMacs } = conv.cost(model).total;
  return { params: params.trainable + params.nonTrainable, macs, offsetMacs };
}

/** Runs all steps and returns their results. */
async function run(input: Values, steps: readonly Step[]): Promise<number[][]> {
  const results = tf.tidy(() => {
    const maps: tf.Tensor[] = [toTensor(input)];
    for (const { from, layer, weights, extra } of steps) {
      const inputs = [maps[from]!, ...extra.map(toTensor)];
      const inputShapes = inputs.map(({ shape }) => shape.slice(1));
      const model = build(
        { inputShapes, layers: [layer] },
        inputs.map(({ dtype }) => dtype),
      );
      model.setWeights(model.getWeights().map(({ shape }, index) => tf.tensor([...weights[index]!], shape)));
      maps.push(model.apply(inputs) as tf.Tensor);
      model.dispose();
    }
    return maps.slice(1);
  });
  const values = await Promise.all(results.map((map) => map.data()));
  tf.dispose(results);
  return values.map((numbers) => [...numbers]);
}

function toTensor({ shape, values, dtype }: Values): tf.Tensor {
  return tf.tensor([...values], [...shape], dtype);
}
