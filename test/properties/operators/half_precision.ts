/** Packing into half precision, and back. */
import type * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import * as conv from '../../../src/index.js';
import { array64 } from '../../oracle/array64.js';
import { toHalf } from '../../oracle/half.js';
import { Random } from '../../support/random.js';
import { between, seed } from '../arbitraries.js';
import { magnitudes, property, type AnyProperty } from '../property.js';

/** Smallest magnitude: a device may take halves below 2⁻¹⁴ as 0. */
const LEAST = 2 ** -13;

const packHalfProperty = property({
  title: 'packHalf() and unpackHalf()',
  operators: ['packHalf', 'unpackHalf'],
  specs: fc.record({
    seed,
    axes: fc.array(between(1, 5), { maxLength: 3 }),
    pairs: fc.oneof(between(1, 9), between(30, 70)),
    // From the smallest to beyond the largest half.
    scale: between(-10, 20),
  }),
  build: ({ seed: start, axes, pairs, scale }) => {
    const shape = [...axes, 2 * pairs];
    const { data } = new Random(start).array(shape);
    const x = array64(shape, (index) => {
      const value = Math.fround(data[index]! * 2 ** scale);
      return Math.abs(value) < LEAST ? LEAST : value;
    });
    const halves = (values = x): typeof x => array64(shape, (index) => toHalf(values.data[index]!));
    return {
      inputs: { x },
      run: ({ x: values }) => conv.unpackHalf(conv.packHalf(values as tf.Tensor)),
      oracle: ({ x: values }) => halves(values),
      gradients: () => ({}),
      differentiable: [],
      magnitude: () => ({ y: magnitudes(halves()), gradients: {} }),
    };
  },
});

export const HALF_PRECISION_PROPERTIES: readonly AnyProperty[] = [packHalfProperty];
