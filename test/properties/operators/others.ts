/** Resizing, padding, shuffling, biases and activations. */
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import * as conv from '../../../src/index.js';
import type { FusedActivation } from '../../../src/kernel/fused_activation.js';
import type { PaddingMode } from '../../../src/kernel/geometry.js';
import { ACTIVATION } from '../../../src/ops/activation/kernels.js';
import { activationGradient } from '../../../src/ops/activation/op.js';
import { biasAdd } from '../../../src/ops/bias_add/op.js';
import { identity } from '../../../src/ops/identity/op.js';
import { padImage } from '../../../src/ops/pad_image/op.js';
import { runKernelSingle } from '../../../src/ops/run_kernel.js';
import { activate, activateGradient } from '../../oracle/activation.js';
import { array64, type Array64 } from '../../oracle/array64.js';
import { biasGradient } from '../../oracle/conv2d.js';
import { dropout } from '../../oracle/dropout.js';
import { resizeBilinear, resizeBilinearGradient } from '../../oracle/resize_bilinear.js';
import { sourceIndex } from '../../oracle/window.js';
import type { Inputs } from '../../support/gradient_check.js';
import { Random } from '../../support/random.js';
import { batch, between, both, seed, TAILS } from '../arbitraries.js';
import { largest, magnitudes, productMagnitude, property, type AnyProperty, type PropertyCase } from '../property.js';

const channels = fc.oneof(between(1, 5), fc.constantFrom(...TAILS));
const image = fc.record({ seed, batch, size: both(between(1, 8)), channels });

/** A case whose only input is x, linear in it, with float32 exact or sums of few terms. */
function linear(
  inputs: Inputs,
  run: PropertyCase['run'],
  oracle: PropertyCase['oracle'],
  gradients: PropertyCase['gradients'],
): PropertyCase {
  const magnitude = productMagnitude({ oracle, gradients });
  return {
    inputs,
    run,
    oracle,
    gradients,
    differentiable: Object.keys(inputs),
    linear: ['x'],
    magnitude,
  };
}

const channelShuffleProperty = property({
  title: 'channelShuffle()',
  operators: ['channelShuffle'],
  specs: fc.record({ image, groups: between(1, 6), rank: fc.constantFrom(3, 4) }),
  build: ({ image: { seed: start, batch: n, size, channels: part }, groups, rank }) => {
    const count = part * groups;
    const shape = rank === 3 ? [...size, count] : [n, ...size, count];
    // Output channel c · groups + g is input channel g · (channels / groups) + c.
    const source = (index: number): number => {
      const channel = index % count;
      return index - channel + (channel % groups) * part + Math.floor(channel / groups);
    };
    return linear(
      { x: new Random(start).array(shape) },
      ({ x }) => conv.channelShuffle(x as tf.Tensor4D, groups),
      ({ x }) => array64(shape, (index) => x!.data[source(index)]!),
      (_, dy) => {
        const x = array64(shape);
        dy.data.forEach((value, index) => (x.data[source(index)]! += value));
        return { x };
      },
    );
  },
});

const dropoutProperty = property({
  title: 'dropout()',
  operators: ['dropout'],
  specs: fc.record({
    seed,
    axes: fc.array(fc.record({ length: between(0, 9), isShared: fc.boolean() }), { maxLength: 5 }),
    inner: fc.constantFrom(...TAILS),
    rate: fc.constantFrom(1e-3, 0.25, 0.5, 0.9),
  }),
  build: ({ seed: start, axes, inner, rate }) => {
    // Few elements, of any rank.
    const lengths = axes.map(({ length }, axis) => (axis < 2 ? length : Math.min(length, 2)));
    const shape = [...lengths, inner];
    const noiseShape = shape.map((length, axis) => (axes[axis]?.isShared === true ? 1 : length));
    const options = { rate, key: [start, 0], noiseShape } as const;
    return linear(
      { x: new Random(start).array(shape) },
      ({ x }) => conv.dropout(x!, { rate, seed: start, noiseShape }),
      ({ x }) => dropout(x!, options),
      (_, dy) => ({ x: dropout(dy, options) }),
    );
  },
});

const padImageProperty = property({
  title: 'padImage()',
  operators: ['padImage'],
  specs: fc.record({
    image,
    mode: fc.constantFrom<Exclude<PaddingMode, 'zeros'>>('reflect', 'replicate', 'circular'),
    amounts: both(both(between(0, 8))),
  }),
  build: ({ image: { seed: start, batch: n, size, channels: count }, mode, amounts }) => {
    const limit = (axis: 0 | 1): number => (mode === 'replicate' ? 8 : size[axis] - (mode === 'reflect' ? 1 : 0));
    const side = (axis: 0 | 1): [number, number] => [
      Math.min(amounts[axis][0], limit(axis)),
      Math.min(amounts[axis][1], limit(axis)),
    ];
    const sides = [side(0), side(1)] as const;
    // Without padding the result is x itself.
    fc.pre(sides.flat().some((amount) => amount > 0));
    const [rows, columns] = [0, 1].map((axis) => size[axis]! + sides[axis]![0] + sides[axis]![1]) as [number, number];
    const source = (index: number): number => {
      const pixel = Math.floor(index / count);
      const x = sourceIndex(mode, (pixel % columns) - sides[1][0], size[1]);
      const y = sourceIndex(mode, (Math.floor(pixel / columns) % rows) - sides[0][0], size[0]);
      const item = Math.floor(pixel / columns / rows);
      return ((item * size[0] + y) * size[1] + x) * count + (index % count);
    };
    const shape = [n, ...size, count];
    return linear(
      { x: new Random(start).array(shape) },
      ({ x }) => padImage('test padImage', x as tf.Tensor4D, sides, mode),
      ({ x }) => array64([n, rows, columns, count], (index) => x!.data[source(index)]!),
      (_, dy) => {
        const x = array64(shape);
        dy.data.forEach((value, index) => (x.data[source(index)]! += value));
        return { x };
      },
    );
  },
});

const resizeBilinearProperty = property({
  title: 'resizeBilinear()',
  operators: [],
  composed: true,
  specs: fc.record({ image, size: both(between(1, 20)) }),
  build: ({ image: { seed: start, batch: n, size: from, channels: count }, size }) => {
    const inputs = { x: new Random(start).array([n, ...from, Math.min(count, 9)]) };
    const gradients = ({ x }: Inputs, dy: Array64): { x: Array64 } => ({ x: resizeBilinearGradient(x!, dy) });
    return {
      inputs,
      run: ({ x }) => conv.resizeBilinear(x as tf.Tensor4D, size),
      oracle: ({ x }) => resizeBilinear(x!, size),
      gradients,
      differentiable: ['x'],
      linear: ['x'],
      items: ['x'],
      // Positions are numbers of up to the image's size, and pixels differ by up to twice the largest.
      magnitude: ({ x }, dy) => {
        const reach = 1 + Math.max(...from);
        return {
          y: largest(x!) * reach,
          gradients: { x: (largest(gradients({ x }, magnitudes(dy)).x) + largest(dy)) * reach },
        };
      },
    };
  },
});

const biasAddProperty = property({
  title: 'biasAdd()',
  operators: ['biasAdd'],
  specs: fc.record({ seed, rows: fc.array(between(0, 9), { minLength: 1, maxLength: 3 }), channels }),
  build: ({ seed: start, rows, channels: count }) => {
    const random = new Random(start);
    return linear(
      { x: random.array([...rows, count]), bias: random.array([count]) },
      ({ x, bias }) => biasAdd('test biasAdd', x!, bias!),
      ({ x, bias }) => array64(x!.shape, (index) => x!.data[index]! + bias!.data[index % count]!),
      (_, dy) => ({ x: dy, bias: biasGradient(dy) }),
    );
  },
});

const identityProperty = property({
  title: 'identity()',
  operators: ['identity'],
  specs: fc.record({ seed, shape: fc.array(between(0, 5), { minLength: 1, maxLength: 4 }) }),
  build: ({ seed: start, shape }) =>
    linear(
      { x: new Random(start).array(shape) },
      ({ x }) => identity(x!),
      ({ x }) => x!,
      (_, dy) => ({ x: dy }),
    ),
});

const activationProperty = property({
  title: 'an activation',
  operators: ['activation'],
  specs: fc.record({ seed, size: between(0, 70), activation: fc.constantFrom<FusedActivation>('relu', 'relu6') }),
  build: ({ seed: start, size, activation }) => {
    const x = new Random(start).array([size], -4, 10);
    return {
      inputs: { x },
      run: ({ x: given }) => runKernelSingle('test activation', ACTIVATION.forward, { x: given }, { activation }),
      oracle: ({ x: given }) => activate(given!, activation),
      gradients: ({ x: given }, dy) => ({ x: activateGradient(given!, dy, activation) }),
      differentiable: ['x'],
      kinks: ['x'],
      magnitude: () => ({ y: 1, gradients: { x: 1 } }),
    };
  },
});

/** dx from dy and y, linear in dy; y has no gradient. */
const activationGradientProperty = property({
  title: 'the gradient of an activation',
  operators: ['activation'],
  specs: fc.record({ seed, size: between(0, 70), activation: fc.constantFrom<FusedActivation>('relu', 'relu6') }),
  build: ({ seed: start, size, activation }) => {
    const random = new Random(start);
    // Results of an activation: numbers in its range, and exactly its bounds.
    const y = array64([size], () =>
      Math.max(Math.min(random.uniform(-3, 9), activation === 'relu6' ? 6 : Infinity), 0),
    );
    return {
      ...linear(
        { dy: random.array([size]), y },
        ({ dy, y: values }) => activationGradient('test activation', dy!, values!, activation),
        ({ dy, y: values }) => activateGradient(values!, dy!, activation),
        ({ y: values }, upstream) => ({ dy: activateGradient(values!, upstream, activation) }),
      ),
      differentiable: ['dy'],
      linear: ['dy'],
      magnitude: () => ({ y: 1, gradients: { dy: 1 } }),
    };
  },
});

export const OTHER_PROPERTIES: readonly AnyProperty[] = [
  channelShuffleProperty,
  dropoutProperty,
  padImageProperty,
  resizeBilinearProperty,
  biasAddProperty,
  identityProperty,
  activationProperty,
  activationGradientProperty,
];
