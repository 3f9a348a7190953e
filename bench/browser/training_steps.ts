/** Comparisons of training steps of MobileNetV1 on 32 images, in whose loss both sides must agree. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { SGD } from '../../src/training/sgd.js';
import { stockMobileNetV1 } from '../support/stock_mobilenet_v1.js';
import type { Contest, Prepared } from './contest.js';

const CLASSES = 10;
const SIZE = 32;
const BATCH = 32;
const ALPHA = 0.25;

const network = (): tf.LayersModel =>
  conv.mobileNetV1({ alpha: ALPHA, inputShape: [SIZE, SIZE, 3], classes: CLASSES, dropout: 0 });

function examples(): { readonly x: tf.Tensor; readonly labels: tf.Tensor } {
  return {
    x: tf.randomUniform([BATCH, SIZE, SIZE, 3], -1, 1, 'float32', 1),
    labels: tf.tidy(() => tf.oneHot(tf.range(0, BATCH, 1, 'int32').mod(CLASSES).toInt(), CLASSES)),
  };
}

function isVariable(tensor: tf.Tensor): tensor is tf.Variable {
  return tensor instanceof tf.Variable;
}

type Step = (x: tf.Tensor, labels: tf.Tensor) => tf.Scalar;

/** Plain gradient descent. */
function stepOf(model: tf.LayersModel, optimizer: tf.Optimizer): Step {
  const variables = model.trainableWeights.map((weight) => weight.read()).filter(isVariable);
  return (x, labels) => {
    const loss = (): tf.Scalar => {
      const y = model.apply(x, { training: true }) as tf.Tensor;
      return tf.metrics.categoricalCrossentropy(labels, y).mean();
    };
    return optimizer.minimize(loss, true, variables)!;
  };
}

/** A step of each of two models, which compute the same before the first one; disposes of them in the end. */
function stepsOf(first: tf.LayersModel, second: tf.LayersModel): Prepared {
  const { x, labels } = examples();
  const optimizer = tf.train.sgd(0.01);
  const [host, ours] = [stepOf(first, optimizer), stepOf(second, optimizer)];
  return {
    host: () => [host(x, labels)],
    ours: () => [ours(x, labels)],
    same: () => [ours(x, labels)],
    dispose: () => {
      tf.dispose([x, labels]);
      first.dispose();
      second.dispose();
      optimizer.dispose();
    },
  };
}

/** The host's layers and this package's, both with the host's optimizer. */
export const trainingStep: Contest = {
  title: `MobileNetV1 α = ${ALPHA}`,
  shape: `${SIZE}², batch ${BATCH}, training step`,
  prepare: () => {
    const [stock, own] = [stockMobileNetV1(SIZE, ALPHA, CLASSES), network()];
    // The same weights in the same order; only the last ones differ in shape, those of a 1×1 convolution or a dense layer.
    tf.tidy(() => {
      const shapes = own.getWeights().map(({ shape }) => shape);
      own.setWeights(stock.getWeights().map((weight, index) => weight.reshape(shapes[index]!)));
    });
    return stepsOf(stock, own);
  },
};

/** The last two depthwise convolutions are deformable ones, as in the command line's own training. */
const DEFORMABLE = ['conv_dw_12', 'conv_dw_13'];

/** This package's step of the network and of its deformable form, which computes the same before the first step. */
export const deformableStep: Contest = {
  title: `MobileNetV1 α = ${ALPHA}, deformable`,
  shape: `${SIZE}², batch ${BATCH}, training step plain, deformable`,
  prepare: () => {
    const plain = network();
    const deformable = conv.convertToDeformable(plain, { layers: DEFORMABLE });
    return stepsOf(plain, deformable);
  },
};

/** A function is replayed from the third or fourth call on, and the first replay plans. */
const RECORDINGS = 5;

/** This package's step not captured and captured: the time for which it holds the main thread. */
export const capturedStep: Contest = {
  title: `MobileNetV1 α = ${ALPHA}, main thread`,
  shape: `${SIZE}², batch ${BATCH}, training step not captured, captured`,
  backends: ['webgpu', 'webgl'],
  clock: 'mainThread',
  prepare: () => {
    const models = [network(), network()] as const;
    models[1].setWeights(models[0].getWeights());
    const { x, labels } = examples();
    const optimizer = new SGD({ learningRate: 0.01 });
    const usual = stepOf(models[0], optimizer);
    const captured = conv.capture(stepOf(models[1], optimizer));
    return {
      host: () => [usual(x, labels)],
      ours: () => [captured(x, labels)],
      same: () => [captured(x, labels)],
      warmUps: RECORDINGS,
      obstacle: () => {
        const { state, reason } = captured.report().signatures[0]!;
        return state === 'replayed' ? undefined : `not replayed: ${reason ?? state}`;
      },
      dispose: () => {
        captured.dispose();
        tf.dispose([x, labels]);
        for (const model of models) model.dispose();
        optimizer.dispose();
      },
    };
  },
};
