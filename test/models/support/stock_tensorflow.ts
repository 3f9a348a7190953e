/**
 * This package's kernels on tfjs-node, put together of TensorFlow's own operators alone: slower than ours and independent
 * of them. Groups are split, dilated filters stuffed with zeros, images padded, so that TensorFlow sees none of that.
 */
import * as tf from '@tensorflow/tfjs';
import { NODE, TensorFlow, type Attribute } from '../../../src/backends/node/adapter.js';
import { dilatedExtent, type ConvGeometry } from '../../../src/kernel/geometry.js';
import type { KernelArguments } from '../../../src/kernel/kernel_arguments.js';
import type { ActivationAttributes } from '../../../src/ops/activation/kernels.js';
import { BATCH_NORM, type BatchNormAttributes } from '../../../src/ops/batch_norm/kernels.js';
import { CHANNEL_SHUFFLE, type ShuffleAttributes } from '../../../src/ops/channel_shuffle/kernels.js';
import { CONV2D } from '../../../src/ops/conv2d/kernels.js';
import { DEPTHWISE_CONV2D } from '../../../src/ops/depthwise_conv2d/kernels.js';
import { MAX_POOL2D } from '../../../src/ops/max_pool2d/kernels.js';
import { OPS } from '../../../src/ops/registry.js';

type Body = (t: TensorFlow, args: KernelArguments) => tf.Tensor | tf.Tensor[];

/** A window whose padding is in the image: TensorFlow's 'VALID'. */
function valid(t: TensorFlow, g: ConvGeometry): Attribute[] {
  return [
    t.integers('strides', [1, g.strideHeight, g.strideWidth, 1]),
    t.integers('dilations', [1, 1, 1, 1]),
    t.text('padding', 'VALID'),
  ];
}

/** Pixels to add on each side, or to take away where negative, so that a 'VALID' window has the outputs of `g`. */
function sidesOf(g: ConvGeometry): [number, number][] {
  const height = (g.outHeight - 1) * g.strideHeight + dilatedExtent(g.kernelHeight, g.dilationHeight);
  const width = (g.outWidth - 1) * g.strideWidth + dilatedExtent(g.kernelWidth, g.dilationWidth);
  return [
    [0, 0],
    [g.padTop, height - g.inHeight - g.padTop],
    [g.padLeft, width - g.inWidth - g.padLeft],
    [0, 0],
  ];
}

/** Zeros on the sides whose amounts are positive; pixels taken away on the others. */
function fit(x: tf.Tensor4D, sides: readonly (readonly [number, number])[]): tf.Tensor4D {
  const padded = tf.pad(
    x,
    sides.map(([before, after]) => [Math.max(before, 0), Math.max(after, 0)]),
  );
  const begin = sides.map(([before]) => Math.max(-before, 0));
  const size = padded.shape.map((length, axis) => length - begin[axis]! - Math.max(-sides[axis]![1], 0));
  return tf.slice(padded, begin, size);
}

const opposite = (sides: readonly (readonly [number, number])[]): [number, number][] =>
  sides.map(([before, after]) => [-before, -after]);

/** Positions of a filter's taps in the filter stuffed with zeros: one matrix per axis. */
function tapsOf(kernel: number, dilation: number): tf.Tensor2D {
  const extent = dilatedExtent(kernel, dilation);
  const values = new Float32Array(kernel * extent);
  for (let tap = 0; tap < kernel; tap++) values[tap * extent + tap * dilation] = 1;
  return tf.tensor2d(values, [kernel, extent]);
}

/** The filter with zeros between its taps (or, `backwards`, the taps out of one with gradients between them). */
function stuff(filter: tf.Tensor4D, g: ConvGeometry, backwards = false): tf.Tensor4D {
  if (g.dilationHeight === 1 && g.dilationWidth === 1) return filter;
  const axes = [tapsOf(g.kernelHeight, g.dilationHeight), tapsOf(g.kernelWidth, g.dilationWidth)] as const;
  return axes.reduce((y, taps, axis) => {
    const order = axis === 0 ? [0, 1, 2, 3] : [1, 0, 2, 3];
    const [size, ...others] = tf.transpose(y, order).shape;
    const rows = tf.reshape<tf.Rank.R2>(tf.transpose(y, order), [size, others[0] * others[1] * others[2]]);
    const product = tf.matMul(taps, rows, !backwards, false);
    return tf.transpose<tf.Tensor4D>(tf.reshape(product, [-1, ...others]), order);
  }, filter);
}

/** An input of the kernel, as operators of the host take it. */
function tensorOf<R extends tf.Rank = tf.Rank>(t: TensorFlow, name: string): tf.Tensor<R> {
  const input = t.input(name);
  return input instanceof tf.Tensor
    ? (input as tf.Tensor<R>)
    : (tf.engine().makeTensorFromTensorInfo(input) as tf.Tensor<R>);
}

interface Convolution {
  readonly names: typeof CONV2D | typeof DEPTHWISE_CONV2D;
  readonly operator: string;
  /** Parts that are convolved one by one. */
  readonly parts: (g: ConvGeometry) => number;
}

const CONVOLUTIONS: readonly Convolution[] = [
  { names: CONV2D, operator: 'Conv2D', parts: ({ groups }) => groups },
  { names: DEPTHWISE_CONV2D, operator: 'DepthwiseConv2dNative', parts: () => 1 },
];

function convolutionKernels({ names, operator, parts }: Convolution): Record<string, Body> {
  const split = (t: TensorFlow, name: string, g: ConvGeometry): tf.Tensor4D[] =>
    tf.split(tensorOf<tf.Rank.R4>(t, name), parts(g), 3);
  const images = (t: TensorFlow, g: ConvGeometry): tf.Tensor4D[] =>
    split(t, 'x', g).map((part) => fit(part, sidesOf(g)));
  const filters = (t: TensorFlow, g: ConvGeometry): tf.Tensor4D[] =>
    split(t, 'filter', g).map((part) => stuff(part, g));
  const forward: Body = (t, { inputs, attrs }) => {
    const g = attrs as ConvGeometry;
    const weights = filters(t, g);
    const sums = images(t, g).map((part, index) => t.run(operator, [part, weights[index]!], valid(t, g)));
    return t.activated(t.biased(tf.concat(sums, 3), inputs['bias']), g.activation);
  };
  return {
    [names.forward]: forward,
    [names.fused]: forward,
    [names.backwardInput]: (t, { attrs }) => {
      const g = attrs as ConvGeometry;
      const sides = sidesOf(g);
      const weights = filters(t, g);
      const channels = g.inChannels / parts(g);
      const size = [
        g.batch,
        g.inHeight + sides[1]![0] + sides[1]![1],
        g.inWidth + sides[2]![0] + sides[2]![1],
        channels,
      ];
      const gradients = split(t, 'dy', g).map((dy, index) => {
        const padded = t.run(`${operator}BackpropInput`, [t.sizes(size), weights[index]!, dy], valid(t, g));
        return fit(padded as tf.Tensor4D, opposite(sides));
      });
      return tf.concat(gradients, 3);
    },
    [names.backwardFilter]: (t, { attrs }) => {
      const g = attrs as ConvGeometry;
      const upstream = split(t, 'dy', g);
      const [inner, outer] =
        names === CONV2D
          ? [g.inChannels / g.groups, g.outChannels / g.groups]
          : [g.inChannels, g.outChannels / g.inChannels];
      const height = dilatedExtent(g.kernelHeight, g.dilationHeight);
      const shape = [height, dilatedExtent(g.kernelWidth, g.dilationWidth), inner, outer];
      const gradients = images(t, g).map((x, index) => {
        const inputs = [x, t.sizes(shape), upstream[index]!];
        return stuff(t.run(`${operator}BackpropFilter`, inputs, valid(t, g)) as tf.Tensor4D, g, true);
      });
      return tf.concat(gradients, 3);
    },
  };
}

/** TensorFlow's word for the padding of a pooling in one of the networks. */
function poolWindow(t: TensorFlow, g: ConvGeometry): Attribute[] {
  const padded = g.padTop + g.padBottom + g.padLeft + g.padRight > 0;
  const same = Math.ceil(g.inHeight / g.strideHeight) === g.outHeight && padded;
  return [
    t.integers('ksize', [1, g.kernelHeight, g.kernelWidth, 1]),
    t.integers('strides', [1, g.strideHeight, g.strideWidth, 1]),
    t.text('padding', same ? 'SAME' : 'VALID'),
    t.text('data_format', 'NHWC'),
  ];
}

/** Over all axes but the last, from the formulas. */
const batchNormKernels: Record<string, Body> = {
  [BATCH_NORM.forward]: (t, { attrs }) => {
    const { epsilon, activation } = attrs as BatchNormAttributes & ActivationAttributes;
    const [x, gamma, beta] = ['x', 'gamma', 'beta'].map((name) => tensorOf(t, name));
    const { mean, variance } = tf.moments(
      x!,
      x!.shape.slice(0, -1).map((_, axis) => axis),
    );
    const centred = tf.div(tf.sub(x!, mean), tf.sqrt(tf.add(variance, epsilon)));
    return [t.activated(tf.add(tf.mul(centred, gamma!), beta!), activation), mean, variance];
  },
  [BATCH_NORM.backward]: (t, { attrs }) => {
    const { epsilon, activation } = attrs as BatchNormAttributes & ActivationAttributes;
    const [x, gamma, y, mean, variance] = ['x', 'gamma', 'y', 'mean', 'variance'].map((name) => tensorOf(t, name));
    const axes = x!.shape.slice(0, -1).map((_, axis) => axis);
    const dy = t.activationGradient(tensorOf(t, 'dy'), y!, activation);
    const deviation = tf.sqrt(tf.add(variance!, epsilon));
    const centred = tf.div(tf.sub(x!, mean!), deviation);
    const product = tf.mul(dy, centred);
    const [meanDy, meanProduct] = [tf.mean(dy, axes), tf.mean(product, axes)];
    const left = tf.sub(tf.sub(dy, meanDy), tf.mul(centred, meanProduct));
    return [tf.mul(tf.div(gamma!, deviation), left), tf.sum(product, axes), tf.sum(dy, axes)];
  },
};

const KERNELS: Readonly<Record<string, Body>> = {
  ...convolutionKernels(CONVOLUTIONS[0]!),
  ...convolutionKernels(CONVOLUTIONS[1]!),
  ...batchNormKernels,
  [MAX_POOL2D.forward]: (t, { attrs }) => t.run('MaxPool', [t.input('x')], poolWindow(t, attrs as ConvGeometry)),
  [MAX_POOL2D.backward]: (t, { attrs }) => {
    const window = poolWindow(t, attrs as ConvGeometry);
    return t.run('MaxPoolGrad', [t.input('x'), t.run('MaxPool', [t.input('x')], window), t.input('dy')], window);
  },
  [CHANNEL_SHUFFLE.forward]: (t, { attrs }) => {
    const { shape, groups } = attrs as ShuffleAttributes;
    const [n, h, w, channels] = shape as [number, number, number, number];
    const grouped = tf.reshape(tensorOf(t, 'x'), [n * h * w, groups, channels / groups]);
    return tf.reshape(tf.transpose(grouped, [0, 2, 1]), [n, h, w, channels]);
  },
};

/**
 * The kernels that tfjs-node's backend runs by TensorFlow's operators anyway, or without computing, and that of the moving
 * averages, which no gradient depends on.
 */
const UNTOUCHED = /\/((Activation|BiasAdd|AvgPool2D)(Backprop)?|Identity|WeightedSums)$/;

/** Runs `body` with TensorFlow's operators in the place of this package's kernels on tfjs-node. */
export function withStockTensorFlow<T>(body: () => T): {
  readonly result: T;
  /** Kernels of this package's own code that ran all the same. */
  readonly shared: readonly string[];
} {
  const shared = new Set<string>();
  const hosts = OPS.flatMap(({ kernelNames }) => kernelNames).map((name) => tf.getKernel(name, NODE));
  const put = (kernel: tf.KernelConfig): void => {
    tf.unregisterKernel(kernel.kernelName, NODE);
    tf.registerKernel(kernel);
  };
  for (const host of hosts) {
    const stock = KERNELS[host.kernelName];
    put({
      ...host,
      kernelFunc: (args) => {
        if (stock !== undefined) {
          return tf.tidy(() => stock(new TensorFlow(args), args));
        }
        if (!UNTOUCHED.test(host.kernelName)) shared.add(host.kernelName);
        return host.kernelFunc(args);
      },
    });
  }
  try {
    return { result: body(), shared: [...shared] };
  } finally {
    hosts.forEach(put);
  }
}
