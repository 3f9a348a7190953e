/** Augmentation layers: Keras's values where the random numbers are given (fixtures/make_augmentation.py). */
import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { array64, type Array64 } from '../oracle/array64.js';
import { describeBackends } from '../support/backends.js';
import { expectClose } from '../support/compare.js';
import { callLayer } from './support/layers.js';

interface Case {
  readonly layer: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

interface Fixture {
  readonly shape: readonly number[];
  readonly images: readonly number[];
  readonly cases: readonly Case[];
}

const fixture = JSON.parse(fs.readFileSync(path.join(__dirname, 'fixtures/augmentation.json'), 'utf8')) as Fixture;
const images = (): tf.Tensor => tf.tensor([...fixture.images], [...fixture.shape]);
const wanted = ({ shape, values }: Case): Array64 => array64(shape, (index) => values[index]!);

const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
/** The layer of this package with options in Keras's spelling. */
function layerOf({ layer, options }: Pick<Case, 'layer' | 'options'>): tf.layers.Layer {
  const make = (conv.layers as unknown as Record<string, (args: object) => tf.layers.Layer>)[
    layer.charAt(0).toLowerCase() + layer.slice(1)
  ]!;
  return make(
    Object.fromEntries(
      Object.entries(options).map(([name, value]) => [camel(name), name === 'mode' ? camel(String(value)) : value]),
    ),
  );
}

describeBackends('augmentation layers', ({ tolerance }) => {
  it('have the values of Keras', async () => {
    for (const each of fixture.cases) {
      const found = callLayer(layerOf(each), images(), true);
      // A cosine of WebGPU is right to 2⁻¹¹ alone, and neighbouring pixels differ by up to 255.
      const relative = each.layer === 'RandomRotation' ? 1e-3 : Math.max(tolerance, 1e-4);
      await expectClose(found, wanted(each), relative, `${each.layer} ${JSON.stringify(each.options)}`);
    }
  });
});
