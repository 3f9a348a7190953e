/** Convolutions and poolings of this package and of the host library: forward, or with all gradients. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import type { Params } from '../support/question.js';
import type { MakeWork, Tensors, Work, Works } from './work.js';

type T4 = tf.Tensor4D;
type Forward = (...values: T4[]) => tf.Tensor;

/**
 * Runs a function of tensors; with `gradients`, also its derivatives for the input `dy`: by all of them, or by the one that
 * the parameter `by` names.
 */
function work(forward: Forward, names: readonly string[], inputs: Tensors, params: Params): Work {
  const values = names.flatMap((name) => inputs[name] ?? []) as T4[];
  const { dy } = inputs;
  if (params['gradients'] !== true) return { run: () => [tf.tidy(() => forward(...values))] };
  const by = params['by'] === undefined ? undefined : names.indexOf(params['by'] as string);
  const gradients = tf.valueAndGrads((...args: tf.Tensor[]) =>
    forward(
      ...(by === undefined ? (args as T4[]) : values.map((value, index) => (index === by ? (args[0] as T4) : value))),
    ),
  );
  const varied = by === undefined ? values : [values[by]!];
  return {
    run: () => {
      const { value, grads } = gradients(varied, dy);
      return [value, ...grads];
    },
  };
}

const number = (params: Params, name: string, fallback: number): number =>
  (params[name] as number | undefined) ?? fallback;

/** Same size of the output: half the dilated kernel. */
const geometry = (params: Params, { shape }: tf.Tensor) => {
  const dilations = number(params, 'dilation', 1);
  return { padding: (dilations * (shape[0] - 1)) / 2, dilations };
};

/** The host packs a filter once and keeps it; training brings a new one at each call. */
function freshFilter(inputs: Tensors): Work {
  let filter: T4 | undefined;
  const release = (): void => {
    filter?.dispose();
  };
  return {
    before: () => {
      release();
      filter = tf.add(inputs['filter']!, 0);
    },
    run: () => [tf.conv2d(inputs['x'] as T4, filter!, 1, 'same')],
    release,
  };
}

/** A captured forward pass of values that do not change: nothing is copied in, and the filter is packed only once. */
function capturedForward(forward: Forward, inputs: Tensors): Work {
  const filter = inputs['filter'] as T4;
  const captured = conv.capture(() => forward(inputs['x'] as T4, filter));
  return { run: () => [captured()], release: captured.dispose };
}

const inputGradient =
  (transpose: (dy: T4, filter: T4, shape: T4['shape']) => tf.Tensor): MakeWork =>
  ({ dy, filter, x }) => ({ run: () => [transpose(dy as T4, filter as T4, (x as T4).shape)] });

/** Pooling over 3×3 with stride 2. */
const POOL = { poolSize: 3, strides: 2 } as const;

export const convolutions: Works = {
  maxPool2d: (inputs, params) => work((x) => conv.maxPool2d(x, POOL), ['x'], inputs, params),
  avgPool2d: (inputs, params) => work((x) => conv.avgPool2d(x, POOL), ['x'], inputs, params),
  'host.maxPool2d': (inputs, params) => work((x) => tf.maxPool(x, 3, 2, 'valid'), ['x'], inputs, params),
  'host.avgPool2d': (inputs, params) => work((x) => tf.avgPool(x, 3, 2, 'valid'), ['x'], inputs, params),
  deformConv2d: (inputs, params) => {
    const forward: Forward = (x, offset, filter, mask) =>
      conv.deformConv2d(x, offset, filter, { mask, ...geometry(params, filter) });
    return work(forward, ['x', 'offset', 'filter', 'mask'], inputs, params);
  },
  conv2d: (inputs, params) => {
    const groups = number(params, 'groups', 1);
    const forward: Forward = (x, filter) => conv.conv2d(x, filter, { groups, ...geometry(params, filter) });
    if (params['captured'] === true) return capturedForward(forward, inputs);
    return work(forward, ['x', 'filter'], inputs, params);
  },
  depthwiseConv2d: (inputs, params) => {
    const forward: Forward = (x, filter) => conv.depthwiseConv2d(x, filter, geometry(params, filter));
    return work(forward, ['x', 'filter'], inputs, params);
  },
  conv2dTranspose: (inputs, params) => {
    const forward: Forward = (x, filter) => conv.conv2dTranspose(x, filter, { padding: 'same', strides: 1 });
    return work(forward, ['x', 'filter'], inputs, params);
  },
  conv2dInputGradient: inputGradient((dy, filter) => conv.conv2dTranspose(dy, filter, { padding: 'same', strides: 1 })),
  'host.conv2d': (inputs, params) =>
    params['fresh'] === true
      ? freshFilter(inputs)
      : work((x, filter) => tf.conv2d(x, filter, 1, 'same'), ['x', 'filter'], inputs, params),
  'host.depthwiseConv2d': (inputs, params) =>
    work((x, filter) => tf.depthwiseConv2d(x, filter, 1, 'same'), ['x', 'filter'], inputs, params),
  'host.conv2dTranspose': (inputs, params) => {
    const forward: Forward = (x, filter) =>
      tf.conv2dTranspose(x, filter, inputs['dy']!.shape as T4['shape'], 1, 'same');
    return work(forward, ['x', 'filter'], inputs, params);
  },
  'host.conv2dInputGradient': inputGradient((dy, filter, shape) => tf.conv2dTranspose(dy, filter, shape, 1, 'same')),
};
