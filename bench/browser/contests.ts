/** Comparisons: an operator of this package and the host's plain or depthwise convolution of the same shape. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { stockMobileNetV1 } from '../support/stock_mobilenet_v1.js';
import type { Work } from './timing.js';

export interface Contest {
  readonly title: string;
  readonly shape: string;
  /** Creates the inputs. */
  readonly prepare: () => Prepared;
}

export interface Prepared {
  readonly host: Work;
  readonly ours: Work;
  /** Must equal the first of the host's results: this package, at inputs for which both compute the same. */
  readonly same: Work;
  readonly dispose: () => void;
}

const SHAPES = [
  [56, 64],
  [28, 128],
  [14, 256],
] as const;

const PASSES = ['forward', 'forward + gradients'] as const;
type Pass = (typeof PASSES)[number];

/** An operator as a function of its differentiable inputs. */
type Operator = (...inputs: tf.Tensor4D[]) => tf.Tensor;

/** Computes the value, or the gradients of its sum with respect to all inputs. */
function work(operator: Operator, inputs: tf.Tensor4D[], pass: Pass): Work {
  const gradients = tf.grads(operator as (...values: tf.Tensor[]) => tf.Tensor);
  return pass === 'forward' ? () => [operator(...inputs)] : () => gradients(inputs);
}

interface Kind {
  readonly title: string;
  readonly depthwise: boolean;
  readonly deformable: boolean;
}

const KINDS: readonly Kind[] = [
  { title: 'conv2d', depthwise: false, deformable: false },
  { title: 'deformConv2d', depthwise: false, deformable: true },
  { title: 'depthwiseConv2d', depthwise: true, deformable: false },
  { title: 'depthwise deformConv2d', depthwise: true, deformable: true },
];

function contest(
  { title, depthwise, deformable }: Kind,
  pass: Pass,
  [side, channels]: readonly [side: number, channels: number],
): Contest {
  const prepare = (): Prepared => {
    const normal = (seed: number, ...shape: [number, number, number, number]): tf.Tensor4D =>
      tf.randomNormal<tf.Rank.R4>(shape, 0, 1, 'float32', seed);
    const x = normal(1, 1, side, side, channels);
    const filter = depthwise ? normal(2, 3, 3, channels, 1) : normal(2, 3, 3, channels, channels);
    // A depthwise filter in the layout of a grouped one: one input channel per group.
    const grouped = depthwise ? filter.reshape<tf.Tensor4D>([3, 3, 1, channels]) : filter;
    const offset = normal(3, 1, side, side, 18);
    const mask = tf.randomUniform<tf.Rank.R4>([1, side, side, 9], 0, 1, 'float32', 4);
    const [resting, full] = [tf.zerosLike(offset), tf.onesLike(mask)];
    const host: Operator = depthwise
      ? (image: tf.Tensor4D, weights: tf.Tensor4D) => tf.depthwiseConv2d(image, weights, 1, 'same')
      : (image: tf.Tensor4D, weights: tf.Tensor4D) => tf.conv2d(image, weights, 1, 'same');
    const plain: Operator = depthwise
      ? (image: tf.Tensor4D, weights: tf.Tensor4D) => conv.depthwiseConv2d(image, weights, { padding: 1 })
      : (image: tf.Tensor4D, weights: tf.Tensor4D) => conv.conv2d(image, weights, { padding: 1 });
    const groups = depthwise ? channels : 1;
    const deform: Operator = (image: tf.Tensor4D, weights: tf.Tensor4D, offsets: tf.Tensor4D, masks: tf.Tensor4D) =>
      conv.deformConv2d(image, offsets, weights, { mask: masks, padding: 1, groups });
    return {
      host: work(host, [x, filter], pass),
      ours: deformable ? work(deform, [x, grouped, offset, mask], pass) : work(plain, [x, filter], pass),
      same: deformable ? work(deform, [x, grouped, resting, full], pass) : work(plain, [x, filter], pass),
      dispose: () => {
        tf.dispose([x, filter, grouped, offset, mask, resting, full]);
      },
    };
  };
  return { title, shape: `${side}²×${channels}, ${pass}`, prepare };
}

const CLASSES = 10;

/** A step of plain gradient descent on 32 images, in whose loss both must agree. */
function trainingStep(): Contest {
  const prepare = (): Prepared => {
    const [size, batch] = [32, 32];
    const stock = stockMobileNetV1(size, 0.25, CLASSES);
    const ours = conv.mobileNetV1({ alpha: 0.25, inputShape: [size, size, 3], classes: CLASSES, dropout: 0 });
    // The same weights in the same order; only the last ones differ in shape, those of a 1×1 convolution or a dense layer.
    tf.tidy(() => {
      const shapes = ours.getWeights().map(({ shape }) => shape);
      ours.setWeights(stock.getWeights().map((weight, index) => weight.reshape(shapes[index]!)));
    });
    const x = tf.randomUniform([batch, size, size, 3], -1, 1, 'float32', 1);
    const labels = tf.tidy(() => tf.oneHot(tf.range(0, batch, 1, 'int32').mod(CLASSES).toInt(), CLASSES));
    const optimizer = tf.train.sgd(0.01);
    const step = (model: tf.LayersModel): Work => {
      const loss = (): tf.Scalar => {
        const y = model.apply(x, { training: true }) as tf.Tensor;
        return tf.metrics.categoricalCrossentropy(labels, y).mean();
      };
      return () => [optimizer.minimize(loss, true)!];
    };
    return {
      host: step(stock),
      ours: step(ours),
      same: step(ours),
      dispose: () => {
        tf.dispose([x, labels]);
        stock.dispose();
        ours.dispose();
        optimizer.dispose();
      },
    };
  };
  return { title: 'MobileNetV1 α = 0.25', shape: '32², batch 32, training step', prepare };
}

export const CONTESTS: readonly Contest[] = [
  ...KINDS.flatMap((kind) => PASSES.flatMap((pass) => SHAPES.map((shape) => contest(kind, pass, shape)))),
  trainingStep(),
];
