/** maxPool2d and avgPool2d. */
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { array64, type Array64 } from '../../oracle/array64.js';
import { maxPool2dGradients, maxPool2dSelect, type Pool2DInputs, type Pool2DOptions } from '../../oracle/pool2d.js';
import { axisOf } from '../../oracle/window.js';
import type { Inputs } from '../../support/gradient_check.js';
import { pool2dCase } from '../../support/ops.js';
import { Random } from '../../support/random.js';
import { poisons, spreads, type Spread } from '../arbitraries.js';
import { magnitudes, property, type AnyProperty, type PropertyCase, type Truth } from '../property.js';
import { poisoned } from './convolutions.js';

interface PoolSpec {
  readonly space: Spread;
  /** True if there are few different values, so that windows have several maxima. */
  readonly ties: boolean;
  readonly poison: number | undefined;
}

const specs: fc.Arbitrary<PoolSpec> = fc.record({ space: spreads, ties: fc.boolean(), poison: poisons });

/** The window, with padding that leaves a pixel in every one. */
function optionsOf({ size, kernel: poolSize, strides, padding }: Spread): Pool2DOptions {
  const window = { strides, padding };
  const holds = ([0, 1] as const).every((axis) => {
    const { output, before } = axisOf(axis, size[axis], poolSize[axis], window);
    return output > 0 && before < poolSize[axis] && (output - 1) * strides[axis] - before < size[axis];
  });
  return { poolSize, strides, padding: holds ? padding : 'same' };
}

function build(name: 'maxPool2d' | 'avgPool2d', { space, ties, poison }: PoolSpec): PropertyCase {
  const { batch, size, groupIn: channels, seed } = space;
  const options = optionsOf(space);
  const drawn = new Random(seed).array([batch, ...size, channels]);
  const x = ties ? array64(drawn.shape, (index) => Math.round(drawn.data[index]! * 2) / 2) : drawn;
  const inputs = poisoned({ x }, poison, seed);
  const { run, oracle, gradients } = pool2dCase(name, inputs, options);
  const typed = (given: Inputs): Pool2DInputs => given as unknown as Pool2DInputs;
  const gradient = (given: Inputs, dy: Array64): Readonly<Record<string, Array64>> => ({
    ...(gradients!(typed(given), dy) as Pool2DInputs),
  });
  return {
    inputs,
    run,
    oracle: (given) => oracle(typed(given)),
    gradients: gradient,
    differentiable: ['x'],
    linear: name === 'avgPool2d' ? ['x'] : [],
    items: ['x'],
    kinks: name === 'maxPool2d' ? ['x'] : [],
    magnitude: (given, dy): Truth => ({
      y: oracle({ x: magnitudes(typed(given).x) }),
      gradients: gradient(given, magnitudes(dy)),
    }),
  };
}

/** Linear in dy; x only determines where its numbers go. */
const maxPoolGradientProperty = property({
  title: 'the gradient of maxPool2d()',
  operators: ['maxPool2d'],
  specs,
  build: ({ space, ties }) => {
    const { inputs, run, oracle } = build('maxPool2d', { space, ties, poison: undefined });
    const x = inputs['x']!;
    const options = optionsOf(space);
    const dx = (given: Inputs): Array64 => maxPool2dGradients({ x }, given['dy']!, options).x;
    const select = (_: Inputs, upstream: Array64): Record<string, Array64> => ({
      dy: maxPool2dSelect({ x }, upstream, options),
    });
    return {
      inputs: { x, dy: new Random(space.seed + 1).array(oracle(inputs).shape) },
      run: ({ x: image, dy }) => tf.grad((given) => run({ x: given }))(image!, dy),
      oracle: dx,
      gradients: select,
      differentiable: ['dy'],
      linear: ['dy'],
      magnitude: (given, upstream) => ({
        y: dx({ dy: magnitudes(given['dy']!) }),
        gradients: select(given, magnitudes(upstream)),
      }),
    };
  },
});

export const POOLING_PROPERTIES: readonly AnyProperty[] = [
  property({
    title: 'maxPool2d()',
    operators: ['maxPool2d'],
    specs,
    build: (spec) => build('maxPool2d', spec),
  }),
  property({
    title: 'avgPool2d()',
    operators: ['avgPool2d'],
    specs,
    build: (spec) => build('avgPool2d', spec),
  }),
  maxPoolGradientProperty,
];
