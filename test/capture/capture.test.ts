/** Captured functions beside the same functions run as usual. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { Adam, SGD } from '../../src/training/index.js';
import { describeBackends } from '../support/backends.js';
import { compareCaptured, type Subject } from './support/compare_captured.js';
import { trainingSubject } from './support/training_subject.js';

const image = (call: number): tf.Tensor => tf.randomUniform([2, 6, 5, 3], -1, 1, 'float32', call + 1);

/** A small network with all that a training step has: convolution, normalisation with moving averages, a loss. */
function training(optimizer: () => tf.Optimizer): () => Subject {
  return () => {
    const model = tf.sequential({
      layers: [
        conv.layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [6, 5, 3], ...seeded(1) }),
        conv.layers.batchNormalization({}),
        conv.layers.depthwiseConv2d({ kernelSize: 3, activation: 'relu', depthwiseInitializer: uniform(2) }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 3, kernelInitializer: uniform(3) }),
      ],
    });
    return trainingSubject(model, optimizer());
  };
}

/** A variable whose first value nothing else refers to. */
function variableOf(value: () => tf.Tensor): tf.Variable {
  return tf.tidy(() => {
    const variable = tf.variable(value());
    return [variable];
  })[0] as tf.Variable;
}

/** Unequal parts along an axis, and the tensor that they make in another order. */
function partsAlong(x: tf.Tensor): (axis: number) => tf.Tensor[] {
  return (axis) => {
    const length = x.shape[axis]!;
    const parts = tf.split(x.square(), length > 2 ? [1, length - 2, 1] : [1, 1], axis);
    return [
      ...parts,
      tf.concat([...parts].reverse(), axis),
      tf.concat([parts[0]!.toInt(), parts[1]!.toInt()], axis - 4),
    ];
  };
}

const uniform = (seed: number): ReturnType<typeof tf.initializers.randomUniform> =>
  tf.initializers.randomUniform({ minval: -0.5, maxval: 0.5, seed });

function seeded(seed: number): { kernelInitializer: ReturnType<typeof uniform> } {
  return { kernelInitializer: uniform(seed) };
}

const FUNCTIONS: readonly (readonly [string, () => Subject])[] = [
  ['a composed function', () => ({ f: (x) => tf.sigmoid(x.mul(2).add(1)).reshape([2, 90]).sum(-1) })],
  ['several results, one of them twice', () => ({ f: (x) => [x.square(), { twice: x.square().sum(), none: null }] })],
  [
    'the same tensor in two places',
    () => ({
      f: (x) => {
        const y = x.square();
        return [y, y];
      },
    }),
  ],
  ['its argument, and a copy of it', () => ({ f: (x) => [x, x.clone(), x.reshape([180])] })],
  ['a constant', () => ({ f: (x) => [tf.scalar(3).add(4), tf.zerosLike(x), tf.range(0, 5)] })],
  ['nothing', () => ({ f: () => undefined })],
  [
    'integers and truth values',
    () => ({ f: (x) => [x.greater(0), x.toInt().add(tf.scalar(3, 'int32')), x.argMax(-1)] }),
  ],
  ['a list of inputs', () => ({ f: (x) => [tf.concat([x, x.neg()], -1), tf.stack([x, x]), tf.addN([x, x, x])] })],
  ['parts of a tensor, and wholes of parts, along each axis', () => ({ f: (x) => [0, 1, 2, 3].map(partsAlong(x)) })],
  [
    'slices along one axis, two, and none',
    () => ({
      f: (x) => [
        ...[x, x.mul(9).toInt(), x.greater(0)].flatMap((y) => [
          y.slice([0, 1, 0, 1], [-1, 3, -1, 2]),
          y.slice([0, 0, 4], [2, 6, 1]),
          y.slice([1]),
          y.slice([0, 0, 0, 0]),
        ]),
        x.square().slice([0, 0, 0, 1], [2, 6, 5, 1]).sum(),
      ],
    }),
  ],
  [
    'a gradient',
    () => ({ f: (x) => tf.grad((z: tf.Tensor) => conv.conv2d(z as tf.Tensor4D, tf.ones([3, 3, 3, 2])).square())(x) }),
  ],
  ['a second derivative', () => ({ f: (x) => tf.grad((z: tf.Tensor) => tf.grad((w: tf.Tensor) => w.pow(3))(z))(x) })],
  [
    'a deformable convolution with all gradients',
    () => ({
      f: (x) => {
        const offset = tf.fill([2, 4, 3, 18], 0.3).mul(x.mean());
        const filter = tf.fill([3, 3, 3, 4], 0.1);
        const { value, grads } = tf.valueAndGrads((a, b, c) =>
          conv
            .deformConv2d(a as tf.Tensor4D, b as tf.Tensor4D, c as tf.Tensor4D)
            .square()
            .sum(),
        )([x, offset, filter]);
        return [value, ...grads];
      },
    }),
  ],
  [
    'work in JavaScript within a kernel',
    () => ({
      f: (x) => [conv.channelShuffle(x as tf.Tensor4D, 3)],
    }),
  ],
  [
    'a counter',
    () => {
      const count = variableOf(() => tf.scalar(0));
      return { f: (x) => (count.assign(count.add(1)), x.mul(count)), variables: [count] };
    },
  ],
  [
    'a variable, before and after its assignment',
    () => {
      const state = variableOf(() => tf.ones([3]));
      return {
        f: () => {
          const before = state.clone();
          const doubled = state.mul(2);
          state.assign(doubled);
          const between = state.add(before);
          state.assign(state.add(1));
          return [before, between, state.clone(), state];
        },
        variables: [state],
      };
    },
  ],
  [
    'two variables that change places',
    () => {
      const [a, b] = [variableOf(() => tf.zeros([4])), variableOf(() => tf.ones([4]))];
      return {
        f: (x) => {
          const old = a.clone();
          a.assign(b.clone());
          b.assign(old);
          return a.add(x.sum());
        },
        variables: [a, b],
      };
    },
  ],
  [
    'a variable that takes its argument',
    () => {
      const last = variableOf(() => tf.zeros([2, 6, 5, 3]));
      return {
        f: (x) => {
          const change = x.sub(last);
          last.assign(x.clone());
          return change;
        },
        variables: [last],
      };
    },
  ],
  ['a step of SGD', training(() => new SGD({ learningRate: 0.1 }))],
  ['a step with Nesterov momentum', training(() => new SGD({ learningRate: 0.1, momentum: 0.9, nesterov: true }))],
  ['a step of Adam', training(() => new Adam({ learningRate: 0.01 }))],
  ["a step of TensorFlow.js's own SGD", training(() => tf.train.sgd(0.1))],
  ["a step of TensorFlow.js's own momentum", training(() => tf.train.momentum(0.1, 0.9))],
  ["a step of TensorFlow.js's own Adam", training(() => tf.train.adam(0.01))],
  ["a step of TensorFlow.js's own RMSProp", training(() => tf.train.rmsprop(0.01))],
];

describeBackends('capture()', (backend) => {
  test.each(FUNCTIONS)('%s', async (_, make) => {
    const { signatures } = await compareCaptured(backend, make, (call) => [image(call)]);
    expect(signatures.map(({ state, reason }) => [state, reason])).toEqual([['replayed', undefined]]);
  });
});
