/** The optimizers against fifty steps of those of Keras and PyTorch (scripts/optimizer_fixtures.py). */
import * as tf from '@tensorflow/tfjs';
import { Adam } from '../../src/training/adam.js';
import { AdamW } from '../../src/training/adamw.js';
import { SGD } from '../../src/training/sgd.js';
import type { UpdateOptions } from '../../src/training/update_options.js';
import type { VariableOptimizer } from '../../src/training/variable_optimizer.js';
import { array64 } from '../oracle/array64.js';
import { describeBackends } from '../support/backends.js';
import { expectClose } from '../support/compare.js';
import fixtures from './fixtures/optimizers.json';

interface Fixture {
  readonly optimizer: string;
  readonly options: Readonly<Record<string, number | boolean>>;
  /** Values of the variables after some of the steps. */
  readonly values: readonly (readonly (readonly number[])[])[];
  /** Averages after the last step. */
  readonly averages?: readonly (readonly number[])[];
}

const CLASSES = { Adam, AdamW, SGD } as const;
const NAMES = ['layer/kernel', 'layer/bias', 'other/kernel'];
const SAVED = [0, 1, 10, 49];
/** Makes the names of variables unique. */
let count = 0;

/** Options as this package names them. */
function optionsOf({ options }: Fixture): UpdateOptions {
  const renamed: Readonly<Record<string, string>> = {
    clipnorm: 'clipNorm',
    clipvalue: 'clipValue',
    global_clipnorm: 'globalClipNorm',
    beta_1: 'beta1',
    beta_2: 'beta2',
  };
  const nameOf = (name: string): string =>
    renamed[name] ?? name.replace(/_[a-z]/g, (letter) => letter.slice(1).toUpperCase());
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [nameOf(name), value]));
}

function gradientOf(x: tf.Tensor, step: number, variable: number): tf.Tensor {
  const waves = Float32Array.from({ length: x.size }, (_, index) => 2 * Math.sin((step + 1) * (index + 1) + variable));
  return tf.add(x, tf.tensor1d(waves));
}

const cases = (fixtures as unknown as readonly Fixture[]).map(
  (fixture) => [`${fixture.optimizer} ${JSON.stringify(fixture.options)}`, fixture] as const,
);

describeBackends('optimizers', () => {
  test.each(cases)('%s as Keras', async (_, fixture) => {
    const optimizer: VariableOptimizer = new CLASSES[fixture.optimizer as keyof typeof CLASSES](optionsOf(fixture));
    const variables = fixture.values[0]!.map(({ length }, at) =>
      tf.tidy(() => tf.variable(tf.linspace(-2, 3, length), true, `${NAMES[at]!}_${count++}`)),
    );
    const expectValues = async (wanted: readonly (readonly number[])[]): Promise<void> => {
      for (const [at, variable] of variables.entries()) {
        const want = array64(variable.shape, (index) => wanted[at]![index]!);
        await expectClose(variable, want, 1e-5, NAMES[at]);
      }
    };
    const before = tf.memory().numTensors;
    for (let step = 0; step < 50; step++) {
      tf.tidy(() => {
        optimizer.applyGradients(variables.map((x, at) => ({ name: x.name, tensor: gradientOf(x, step, at) })));
      });
      const saved = SAVED.indexOf(step);
      if (saved >= 0) await expectValues(fixture.values[saved]!);
    }
    expect(tf.memory().numTensors).toBe(before + optimizer.slots.length * variables.length);
    if (fixture.averages) {
      await optimizer.withAverages(() => expectValues(fixture.averages!));
      await expectValues(fixture.values.at(-1)!);
      optimizer.finalizeVariableValues();
      await expectValues(fixture.averages);
    }
    optimizer.dispose();
    tf.dispose(variables);
  });
});
