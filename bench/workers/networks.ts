/** MobileNetV1 built from layers of this package and of the host: a training step with SGD, and inference. */
import * as tf from '@tensorflow/tfjs';
import { heapOf } from '../../src/backends/wasm/heaps.js';
import type { HostHeap } from '../../src/backends/wasm/host_heap.js';
import * as conv from '../../src/index.js';
import { SGD } from '../../src/training/index.js';
import { normalizationValues } from '../support/mobilenet.js';
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
        ? normalizationValues(old.size).map((values) => tf.tensor(values))
        : [tf.reshape(inputs[`kernel${next++}`]!, old.shape), ...rest],
    );
    layer.setWeights(weights);
    tf.dispose(weights.filter((weight) => !rest.includes(weight)));
  }
  return model;
}

/** A step on the inputs, captured or not, which returns the loss. */
interface TrainingStep {
  (): tf.Scalar;
  readonly dispose: () => void;
}

/** One step of SGD, this package's for its own layers, captured if the parameters say so. */
export function trainingStep(model: tf.LayersModel, inputs: Tensors, params: Params): TrainingStep {
  const [x, labels] = [inputs['x']!, inputs['labels']!];
  const own = params['layers'] === 'own';
  const optimizer = own ? new SGD({ learningRate: 0.01 }) : tf.train.sgd(0.01);
  const variables = model.trainableWeights.map((weight) => weight.read()).filter(isVariable);
  const step = (images: tf.Tensor, truth: tf.Tensor): tf.Scalar => {
    const loss = (): tf.Scalar =>
      tf.metrics.categoricalCrossentropy(truth, model.apply(images, { training: true }) as tf.Tensor).mean();
    return optimizer.minimize(loss, true, variables)!;
  };
  if (params['captured'] !== true) return Object.assign(() => step(x, labels), { dispose: () => undefined });
  const captured = conv.capture(step);
  return Object.assign(() => captured(x, labels), { dispose: captured.dispose });
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
    // What is captured keeps the kernels that it was recorded with.
    run: () => (params['captured'] === true ? [step()] : asUsed(() => [step()], params)),
    // Outputs before, the loss, and two kernels after one step: what training changes, at both ends of the network.
    check: () => {
      const kernels = model.trainableWeights.filter(({ name }) => name.includes('kernel'));
      const before = model.predict(inputs['x']!) as tf.Tensor;
      return [before, step(), ...[kernels.at(0), kernels.at(-1)].map((weight) => tf.clone(weight!.read()))];
    },
    release: () => {
      step.dispose();
      model.dispose();
    },
  };
}

/** A captured step without the work of this package's kernels: what remains is the time outside of them. */
function makeOutsideKernels(inputs: Tensors, params: Params): Work {
  const model = buildModel(inputs, params);
  const step = trainingStep(model, inputs, { ...params, captured: true });
  for (let call = 0; call < 2; call++) step().dispose();
  const active: unknown = tf.backend();
  const heap: unknown = heapOf(active as tf.KernelBackend);
  const { threads, alone } = heap as Pick<HostHeap, 'threads' | 'alone'>;
  const names = Object.keys(alone) as (keyof typeof alone)[];
  const idle = Object.fromEntries(names.map((name) => [name, /Scratch$/.test(name) ? alone[name] : () => undefined]));
  const idly = (): tf.Scalar => {
    Object.assign(threads, { exports: idle });
    try {
      return step();
    } finally {
      Object.assign(threads, { exports: alone });
    }
  };
  // The first replay, which comes after two or three recordings, plans the calls.
  for (let call = 0; call < 3; call++) idly().dispose();
  return {
    run: () => [idly()],
    check: () => [],
    release: () => {
      step.dispose();
      model.dispose();
    },
  };
}

/** The step of `model.fit`, by the host's layers and optimizer, accelerated if the parameters say so. */
function makeFit(inputs: Tensors, params: Params): Work {
  const model = buildModel(inputs, params);
  model.compile({ optimizer: tf.train.sgd(0.01), loss: 'categoricalCrossentropy' });
  const accelerated = params['accelerated'] === true ? conv.accelerate(model) : undefined;
  const { makeTrainFunction } = model as unknown as { makeTrainFunction: () => (data: tf.Tensor[]) => tf.Tensor[] };
  const step = makeTrainFunction.call(model);
  const data = [inputs['x']!, inputs['labels']!];
  return {
    run: () => step(data),
    check: () => step(data),
    release: () => {
      accelerated?.dispose();
      model.dispose();
    },
  };
}

/**
 * This package's network is folded, as for use, and captured if the parameters say so; with `arrays`, from an array of
 * pixels to an array of probabilities, as runtimes without tensors of their own work.
 */
function makeInference(inputs: Tensors, params: Params): Work {
  const built = buildModel(inputs, params);
  const model = params['layers'] === 'own' ? conv.foldBatchNormalization(built) : built;
  if (model !== built) built.dispose();
  const accelerated = params['captured'] === true ? conv.accelerate(model) : undefined;
  const infer = (x: tf.Tensor): tf.Tensor => model.predict(x) as tf.Tensor;
  const { shape } = inputs['x']!;
  const pixels = inputs['x']!.dataSync();
  const fromArray = (): tf.Tensor => {
    const x = tf.tensor(pixels, shape);
    const y = infer(x);
    y.dataSync();
    x.dispose();
    return y;
  };
  return {
    run: () => [params['arrays'] === true ? fromArray() : infer(inputs['x']!)],
    release: () => {
      accelerated?.dispose();
      model.dispose();
    },
  };
}

export const networks: Works = {
  trainingStep: makeTrainingStep,
  outsideKernels: makeOutsideKernels,
  fit: makeFit,
  inference: makeInference,
};
