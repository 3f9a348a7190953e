/** Engine of "Explore", in the worker: layers of the package, analyzed for their cost and run on numbers. */
import * as tf from '@tensorflow/tfjs';
import * as conv from 'tfjs-convolutions';
import { probeBackends } from '../engine/backends.js';
import { startWasm } from '../engine/wasm_backend.js';
import { startWatched, unlessLost, watchBackend } from '../engine/watched_backend.js';
import { gradientsOf, type BuiltStep } from './gradients.js';
import type { Answer, Counts, LayerSpec, Network, Question, Run, Values } from './model/question.js';

const started = startWasm().then(watchBackend);

export const engine = {
  backends: probeBackends,
  answer: async (question: Question): Promise<Answer> => {
    await started;
    if (question.run !== null && question.run.backend !== tf.getBackend()) {
      await startWatched(question.run.backend);
    }
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
        ...(question.run === null ? NO_RUN : await unlessLost(run(question.run))),
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

type RunAnswer = Pick<Answer, 'maps' | 'gradients'>;

const NO_RUN: RunAnswer = { maps: [], gradients: null };

const numbersOf = async (tensor: tf.Tensor): Promise<number[]> => [...(await tensor.data())];

/** Runs all steps, and differentiates one value of the last if that is wanted. */
async function run({ input, steps, backward }: Run): Promise<RunAnswer> {
  const image = toTensor(input);
  const built: BuiltStep[] = [];
  const results = tf.tidy(() => {
    const maps: tf.Tensor[] = [image];
    for (const { from, layer, weights, extra } of steps) {
      const others = extra.map((values) => tf.keep(toTensor(values)));
      const inputs = [maps[from]!, ...others];
      const inputShapes = inputs.map(({ shape }) => shape.slice(1));
      const model = build(
        { inputShapes, layers: [layer] },
        inputs.map(({ dtype }) => dtype),
      );
      model.setWeights(model.getWeights().map(({ shape }, index) => tf.tensor([...weights[index]!], shape)));
      built.push({ model, extra: others });
      maps.push(model.apply(inputs) as tf.Tensor);
    }
    return maps.slice(1);
  });
  // The last step and, if it does not start from the input, those before it.
  const first = steps.at(-1)!.from === 0 ? steps.length - 1 : 0;
  const gradients = backward && gradientsOf(image, built.slice(first), backward);
  try {
    return {
      maps: await Promise.all(results.map(numbersOf)),
      gradients: gradients && {
        input: await numbersOf(gradients.input),
        weights: await Promise.all(gradients.weights.map(numbersOf)),
        moved: await Promise.all(gradients.moved.map(numbersOf)),
      },
    };
  } finally {
    for (const { model, extra } of built) {
      model.dispose();
      tf.dispose([...extra]);
    }
    tf.dispose([image, results, gradients ? [gradients.input, ...gradients.weights, ...gradients.moved] : []]);
  }
}

function toTensor({ shape, values, dtype }: Values): tf.Tensor {
  return tf.tensor([...values], [...shape], dtype);
}
