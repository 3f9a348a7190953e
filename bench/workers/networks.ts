/** MobileNetV1 built from layers of this package and of the host: a training step with SGD, and inference. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { SGD } from '../../src/training/index.js';
import type { Params } from '../support/question.js';
import { stockMobileNetV1 } from '../support/stock_mobilenet_v1.js';
import type { Tensors, Work, Works } from './work.js';

/** Builds a model with the kernels of the inputs `kernel0`, `kernel1`, …, and normalization parameters shared by all sides. */
export function buildModel(inputs: Tensors, params: Params): tf.LayersModel {
  const [, size, , channels] = inputs['x']!.shape as [number, number, number, number];
  const alpha = params['alpha'] as number;
  const classes = params['classes'] as number;
  const model =
    params['layers'] === 'stock'
      ? stockMobileNetV1(size, alpha, classes)
      : conv.mobileNetV1({ alpha, inputShape: [size, size, channels], classes, dropout: 0 });
  let next = 0;
  for (const layer of model.layers) {
    const [old, ...rest] = layer.getWeights();
    if (old === undefined) continue;
    const weights = tf.tidy(() =>
      layer.getClassName().endsWith('BatchNormalization')
        ? normalization(old.size)
        : [tf.reshape(inputs[`kernel${next++}`]!, old.shape), ...rest],
    );
    layer.setWeights(weights);
    tf.dispose(weights.filter((weight) => !rest.includes(weight)));
  }
  return model;
}

/** Non-trivial scale, shift, mean and variance. */
function normalization(channels: number): tf.Tensor[] {
  return [1, 0, 0, 1].map((centre, index) => tf.range(0, channels).add(index).sin().mul(0.1).add(centre));
}

/** One step of SGD, this package's for its own layers: the function returns the loss. */
export function trainingStep(model: tf.LayersModel, { x, labels }: Tensors, params: Params): () => tf.Scalar {
  const own = params['layers'] === 'own';
  const optimizer = own ? new SGD({ learningRate: 0.01 }) : tf.train.sgd(0.01);
  const variables = model.trainableWeights.map((weight) => weight.read()).filter(isVariable);
  const loss = (): tf.Scalar => {
    const y = model.apply(x!, { training: true }) as tf.Tensor;
    return tf.metrics.categoricalCrossentropy(labels!, y).mean();
  };
  return () => optimizer.minimize(loss, true, variables)!;
}

function isVariable(tensor: tf.Tensor): tensor is tf.Variable {
  return tensor instanceof tf.Variable;
}

/** As users of wasm are told to train; what the host itself does is measured in the same process, without. */
export function asUsed<T>(work: () => T, params: Params): T {
  if (params['layers'] !== 'own') return work();
  const restore = conv.accelerateStockLayers();
  try {
    return work();
  } finally {
    restore();
  }
}

function makeTrainingStep(inputs: Tensors, params: Params): Work {
  const model = buildModel(inputs, params);
  const step = trainingStep(model, inputs, params);
  return {
    run: () => asUsed(() => [step()], params),
    // Outputs before, the loss, and two kernels after one step: what training changes, at both ends of the network.
    check: () => {
      const kernels = model.trainableWeights.filter(({ name }) => name.includes('kernel'));
      const before = model.predict(inputs['x']!) as tf.Tensor;
      return [before, step(), ...[kernels.at(0), kernels.at(-1)].map((weight) => tf.clone(weight!.read()))];
    },
    release: () => model.dispose(),
  };
}

/** This package's network is folded, as for use. */
function makeInference(inputs: Tensors, params: Params): Work {
  const built = buildModel(inputs, params);
  const model = params['layers'] === 'own' ? conv.foldBatchNormalization(built) : built;
  if (model !== built) built.dispose();
  return { run: () => [model.predict(inputs['x']!) as tf.Tensor], release: () => model.dispose() };
}

export const networks: Works = { trainingStep: makeTrainingStep, inference: makeInference };
