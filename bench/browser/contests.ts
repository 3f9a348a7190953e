/** All comparisons; those of an operator with the host's plain or depthwise convolution of the same shape. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import type { BackendName } from './backend_names.js';
import type { Contest, Prepared } from './contest.js';
import type { Work } from './timing.js';
import { capturedStep, deformableStep, trainingStep } from './training_steps.js';

const SHAPES = [
  [56, 64],
  [28, 128],
  [14, 256],
] as const;

const PASSES = ['forward', 'forward + gradients'] as const;
type Pass = (typeof PASSES)[number];

/** An operator as a function of its differentiable inputs. */
type Operator<Input extends tf.Tensor = tf.Tensor4D> = (...inputs: Input[]) => tf.Tensor;

/** Computes the value, or the gradients of its sum with respect to all inputs. */
function work<Input extends tf.Tensor>(operator: Operator<Input>, inputs: Input[], pass: Pass): Work {
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

const EPSILON = 1e-3;

/** Batch normalisation in training with ReLU: one operator here, moments, normalisation and activation of the host. */
function normalisation(pass: Pass, [side, channels]: readonly [side: number, channels: number]): Contest {
  const prepare = (): Prepared => {
    const normal = (mean: number, seed: number, ...shape: number[]): tf.Tensor =>
      tf.randomNormal(shape, mean, 1, 'float32', seed);
    const inputs = [normal(0.5, 1, 8, side, side, channels), normal(1, 2, channels), normal(0, 3, channels)];
    const host = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor => {
      const { mean, variance } = tf.moments(x, [0, 1, 2]);
      return tf.relu(
        tf.batchNorm(
          x,
          mean as tf.Tensor1D,
          variance as tf.Tensor1D,
          beta as tf.Tensor1D,
          gamma as tf.Tensor1D,
          EPSILON,
        ),
      );
    };
    const own = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor =>
      conv.batchNorm(x, {
        gamma: gamma as tf.Tensor1D,
        beta: beta as tf.Tensor1D,
        epsilon: EPSILON,
        activation: 'relu',
      }).y;
    const ours = work(own as Operator<tf.Tensor>, inputs, pass);
    return {
      host: work(host as Operator<tf.Tensor>, inputs, pass),
      ours,
      same: ours,
      dispose: () => {
        tf.dispose(inputs);
      },
    };
  };
  return { title: 'batchNorm with ReLU', shape: `${side}²×${channels}, batch 8, training, ${pass}`, prepare };
}

const CONTESTS: readonly Contest[] = [
  ...KINDS.flatMap((kind) => PASSES.flatMap((pass) => SHAPES.map((shape) => contest(kind, pass, shape)))),
  ...PASSES.flatMap((pass) => SHAPES.map((shape) => normalisation(pass, shape))),
  trainingStep,
  deformableStep,
  capturedStep,
];

/** Lists the comparisons of a backend whose title and shape contain a text. */
export function contestsOf(backend: BackendName, text = ''): Contest[] {
  return CONTESTS.filter(
    ({ title, shape, backends }) => `${title} ${shape}`.includes(text) && (backends?.includes(backend) ?? true),
  );
}
