/** Operators that compute element by element, and softmax. */
import * as tf from '@tensorflow/tfjs';
import { layers } from '../../../layers/registry.js';
import { NotImportable } from './import_error.js';
import type { NodeUse, Operators } from './node_use.js';
import type { LayerSpec } from './planned.js';
import { known } from './sizes.js';
import { CHANNELS_LAST, type Value } from './value.js';

type ActivationName = Parameters<typeof tf.layers.activation>[0]['activation'];

const activation = (name: string): LayerSpec => ({
  create: (creation) => tf.layers.activation({ name: creation.name, activation: name as ActivationName }),
});

const rescaling = (scale: number, offset: number): LayerSpec => ({
  create: ({ name }) => tf.layers.rescaling({ name, scale, offset }),
});

/** max(x, 0), and at most `most`. */
const relu = (most: number): LayerSpec => {
  if (most === Infinity) return { create: ({ name }) => tf.layers.reLU({ name }) };
  if (most === 6) return activation('relu6');
  return { create: ({ name }) => tf.layers.reLU({ name, maxValue: most }) };
};

const simple = (spec: LayerSpec): Operators[string] => ({ build: (use) => use.elementwise(spec, use.tensor()) });

/** Bounds from here on bound nothing that float32 holds. */
const UNBOUNDED = 3.4e38;

function clip(use: NodeUse): Value {
  const low = use.scalar(1, 'min') ?? -Infinity;
  const high = use.scalar(2, 'max') ?? Infinity;
  const x = use.tensor();
  if (!(low <= high)) throw new NotImportable('its bounds must be in order');
  const [isLow, isHigh] = [low > -UNBOUNDED, high < UNBOUNDED];
  if (!isLow && !isHigh) return x;
  if (isLow && low === 0) return use.elementwise(relu(isHigh ? high : Infinity), x);
  // low + min(max(x − low, 0), high − low), or high − max(high − x, 0).
  const sign = isLow ? 1 : -1;
  const from = isLow ? low : high;
  const shifted = use.extra('shifted', rescaling(sign, -sign * from), x);
  const bounded = use.extra('bounded', relu(isLow && isHigh ? high - low : Infinity), shifted);
  return use.elementwise(rescaling(sign, from), bounded);
}

function hardSigmoid(use: NodeUse): Value {
  const [alpha, beta] = [use.number('alpha', 0.2), use.number('beta', 0.5)];
  const x = use.tensor();
  if (Math.fround(alpha) === Math.fround(0.2) && beta === 0.5) return use.elementwise(activation('hardSigmoid'), x);
  return use.elementwise(relu(1), use.extra('linear', rescaling(alpha, beta), x));
}

function softmax(spec: (axis: number) => LayerSpec): (use: NodeUse) => Value {
  return (use) => {
    const given = use.tensor();
    const rank = given.axes.length;
    const axis = use.axis(use.number('axis', use.opset < 13 ? 1 : -1), rank);
    // Before set 13, all axes from this one on were one.
    if (use.opset < 13 && given.axes.slice(axis + 1).some((each) => each.length > 0)) {
      throw new NotImportable('the axes after its own must have size 1');
    }
    const order = use.planner.orderOf(given) ?? (rank === 4 ? CHANNELS_LAST : given.axes.map((_, each) => each));
    const x = use.planner.arrange(given, order, use.node.name);
    return use.elementwise(spec(order.indexOf(axis)), x);
  };
}

function logSoftmax(use: NodeUse): Value {
  return softmax((axis) => {
    const last = use.tensor().axes.length - 1;
    if (axis !== last) throw new NotImportable('its axis must be that of the channels');
    return activation('logSoftmax');
  })(use);
}

function prelu(use: NodeUse): Value {
  const x = use.tensor();
  const { shape, values } = use.floats(1);
  const rank = x.axes.length;
  const isImage = rank === 4;
  const stored = isImage ? use.image() : use.planner.arrange(x, [...x.axes.keys()], use.node.name);
  const channels = known(use.planner.sizeOf(isImage ? x.axes[1]! : x.axes.at(-1)!));
  const isPerChannel = isImage
    ? shape.at(-3) === channels && values.length === channels
    : shape.at(-1) === channels && values.length === channels;
  if (!isPerChannel && values.length !== 1) throw new NotImportable('it must have one slope, or one per channel');
  const sizes = [...Array.from({ length: rank - 2 }, () => 1), isPerChannel ? channels : 1];
  const sharedAxes = sizes.flatMap((size, axis) =>
    size === 1 && !(isPerChannel && axis === rank - 2) ? [axis + 1] : [],
  );
  const spec: LayerSpec = {
    create: ({ name }) => tf.layers.prelu({ name, ...(sharedAxes.length > 0 && { sharedAxes }) }),
    weights: { alpha: { shape: sizes, values } },
  };
  return use.elementwise(spec, stored);
}

function dropout(use: NodeUse): Value {
  if (use.node.outputs.length > 1 && use.around.uses(use.node.outputs[1]!) > 0) {
    throw new NotImportable('its second output, the mask, must not be used');
  }
  if ((use.scalar(2) ?? 0) !== 0) throw new NotImportable('it must not run in training mode');
  const rate = use.scalar(1, 'ratio') ?? 0.5;
  return use.elementwise({ create: ({ name }) => tf.layers.dropout({ name, rate }) }, use.tensor());
}

function selu(use: NodeUse): Value {
  const isUsual =
    Math.abs(use.number('alpha', 1.67326) - 1.67326) < 1e-4 && Math.abs(use.number('gamma', 1.0507) - 1.0507) < 1e-4;
  if (!isUsual) throw new NotImportable('its alpha and gamma must be those of the paper');
  return use.elementwise(activation('selu'), use.tensor());
}

function gelu(use: NodeUse): Value {
  const isExact = use.expect('approximate', use.text('approximate', 'none'), ['none', 'tanh']) === 'none';
  return use.elementwise(activation(isExact ? 'gelu' : 'gelu_new'), use.tensor());
}

function swish(use: NodeUse): Value {
  use.expect('alpha', use.number('alpha', 1), [1]);
  return use.elementwise(activation('swish'), use.tensor());
}

const withAlpha = (missing: number, create: (name: string, alpha: number) => tf.layers.Layer): Operators[string] => ({
  attributes: ['alpha'],
  build: (use) => {
    const alpha = use.number('alpha', missing);
    return use.elementwise({ create: ({ name }) => create(name, alpha) }, use.tensor());
  },
});

export const ACTIVATION_OPERATORS: Operators = {
  Clip: { attributes: ['max', 'min'], build: clip },
  Dropout: { attributes: ['ratio', 'seed'], build: dropout },
  Elu: withAlpha(1, (name, alpha) => tf.layers.elu({ name, alpha })),
  Gelu: { attributes: ['approximate'], build: gelu },
  HardSigmoid: { attributes: ['alpha', 'beta'], build: hardSigmoid },
  HardSwish: simple({ create: ({ name }) => layers.hardSwish({ name }) }),
  LeakyRelu: withAlpha(0.01, (name, alpha) => tf.layers.leakyReLU({ name, alpha })),
  LogSoftmax: { attributes: ['axis'], build: logSoftmax },
  Mish: simple(activation('mish')),
  PRelu: { build: prelu },
  Relu: simple(relu(Infinity)),
  Selu: { attributes: ['alpha', 'gamma'], build: selu },
  Sigmoid: simple(activation('sigmoid')),
  Softmax: {
    attributes: ['axis'],
    build: softmax((axis) => ({ create: ({ name }) => tf.layers.softmax({ name, axis }) })),
  },
  Softplus: simple(activation('softplus')),
  Softsign: simple(activation('softsign')),
  Swish: { attributes: ['alpha'], build: swish },
  Tanh: simple(activation('tanh')),
  ThresholdedRelu: withAlpha(1, (name, theta) => tf.layers.thresholdedReLU({ name, theta })),
};
