/** The losses against those of Keras (scripts/loss_fixtures.py), and weights against their formulas. */
import * as tf from '@tensorflow/tfjs';
import { losses } from '../../src/training/index.js';
import type { Loss } from '../../src/training/losses/loss.js';
import { array64 } from '../oracle/array64.js';
import { describeBackends } from '../support/backends.js';
import { expectClose } from '../support/compare.js';
import { scoped } from '../support/scoped.js';
import fixtures from './fixtures/losses.json';

interface Fixture {
  readonly loss: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly values: readonly number[];
}

const [EXAMPLES, CLASSES] = [6, 4];
const logit = (example: number, c: number): number => 3 * Math.sin(4 * example + c + 1);
const label = (example: number): number => (2 * example + 1) % 3;

function matrix(of: (example: number, c: number) => number): tf.Tensor2D {
  return tf.tensor2d(Array.from({ length: EXAMPLES }, (_, i) => Array.from({ length: CLASSES }, (_c, c) => of(i, c))));
}

const LOSSES: Readonly<Record<string, (options: never) => Loss>> = {
  CategoricalCrossentropy: losses.categoricalCrossentropy,
  CategoricalFocalCrossentropy: losses.categoricalFocalCrossentropy,
  BinaryCrossentropy: losses.binaryCrossentropy,
  Dice: () => losses.dice(),
};

const cases = (fixtures as readonly Fixture[]).map(
  (fixture) => [`${fixture.loss} ${JSON.stringify(fixture.options)}`, fixture] as const,
);

describeBackends('losses', () => {
  test.each(cases)('%s as Keras', async (_, { loss: name, options: given, values }) => {
    const { from_logits: fromLogits, label_smoothing: labelSmoothing, gamma, alpha } = given;
    const options = {
      ...(gamma !== undefined && { gamma }),
      ...(alpha !== undefined && { alpha }),
      ...(fromLogits !== undefined && { fromLogits }),
      ...(labelSmoothing !== undefined && { labelSmoothing }),
    };
    await scoped(async () => {
      const isBinary = name === 'BinaryCrossentropy';
      const truth = matrix((i, c) => Number(isBinary ? (i + c) % 3 === 0 : c === label(i)));
      const x = matrix(logit);
      const prediction = fromLogits === true ? x : isBinary ? tf.sigmoid(x) : tf.softmax(x);
      const result = LOSSES[name]!(options as never)(truth, prediction);
      const want = array64([EXAMPLES], (index) => values[index]!);
      await expectClose(result, want, 1e-5, name);
    });
  });

  test('weights multiply the loss of the true class', async () => {
    await scoped(async () => {
      const weights = [0.5, 2, 3, 1];
      const [truth, prediction] = [matrix((i, c) => Number(c === label(i))), tf.softmax(matrix(logit))];
      for (const create of [losses.categoricalCrossentropy, losses.categoricalFocalCrossentropy]) {
        const plain = await create()(truth, prediction).data();
        const want = array64([EXAMPLES], (index) => plain[index]! * weights[label(index)]!);
        await expectClose(create({ classWeights: weights })(truth, prediction), want, 1e-6, 'loss');
      }
    });
  });

  test('positive weights multiply the loss of labels that are present', async () => {
    await scoped(async () => {
      const weights = [0.5, 2, 3, 1];
      const truth = matrix((i, c) => Number((i + c) % 3 === 0));
      const want = array64([EXAMPLES], (i) => {
        const terms = weights.map((weight, c) =>
          (i + c) % 3 === 0 ? weight * Math.log1p(Math.exp(-logit(i, c))) : Math.log1p(Math.exp(logit(i, c))),
        );
        return terms.reduce((sum, term) => sum + term, 0) / CLASSES;
      });
      const loss = losses.binaryCrossentropy({ fromLogits: true, positiveWeights: weights });
      await expectClose(loss(truth, matrix(logit)), want, 1e-5, 'loss');
    });
  });

  test('train a model that is compiled with them', async () => {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [4] })] });
    const loss = losses.categoricalCrossentropy({ fromLogits: true, labelSmoothing: 0.1 });
    model.compile({ optimizer: tf.train.sgd(0.5), loss });
    const [x, y] = [tf.eye(3, 4), tf.eye(3)];
    const { history } = await model.fit(x, y, { epochs: 10 });
    expect(history['loss']!.at(-1)).toBeLessThan(history['loss']![0] as number);
    model.dispose();
    tf.dispose([x, y]);
  });
});

describe('losses', () => {
  beforeAll(() => tf.setBackend('cpu'));

  test('class weights come from counts', () => {
    expect(losses.classWeights([2, 0, 0, 1, 0, 2], 3)).toEqual([6 / 9, 2, 1]);
    expect(losses.classWeights(Int32Array.of(1, 0), 2)).toEqual([1, 1]);
  });

  test.each([
    [() => losses.classWeights([0, 0], 2), 'every class must have an example, received class without one = 1'],
    [() => losses.classWeights([0, 2], 2), 'received label = 2'],
    [() => losses.categoricalCrossentropy({ labelSmoothing: 2 }), 'labelSmoothing'],
    [() => losses.categoricalCrossentropy({ smoothing: 1 } as never), 'the options are fromLogits'],
    [() => losses.categoricalCrossentropy({ classWeights: [1, -1] }), 'classWeights[1]'],
    [() => losses.categoricalFocalCrossentropy({ gamma: -1 }), 'gamma'],
    [() => losses.binaryCrossentropy({ positiveWeights: [] }), 'positiveWeights'],
    [() => losses.categoricalCrossentropy()(tf.ones([2, 3]), tf.ones([2, 4])), 'must have the shape [2, 4]'],
    [
      () => losses.categoricalCrossentropy({ classWeights: [1] })(tf.ones([2, 3]), tf.ones([2, 3])),
      'each of 3 classes',
    ],
    [() => losses.dice()(tf.ones([2, 3]), tf.ones([3, 2])), 'must have the shape [3, 2]'],
  ] as const)('refuse %#', (call: () => unknown, message) => {
    expect(call).toThrow(message);
  });
});
