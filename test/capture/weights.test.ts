/** Weights from which a captured function prepares something, and that others change between its calls. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { SGD } from '../../src/training/index.js';
import { describeBackends } from '../support/backends.js';
import { numbers, PLAIN } from './support/numbers.js';

const random = (seed: number, shape: number[]): tf.Tensor => tf.randomUniform(shape, -1, 1, 'float32', seed);

/** Convolutions whose filter is packed, by group, and one of groups too narrow for it. */
const CONVOLUTIONS = [
  ['plain', 10, 1],
  ['of two groups', 10, 2],
  ['of groups of four channels', 8, 2],
  ['deformable', 10, 1],
] as const;

describeBackends(
  'weights of a captured forward pass',
  () => {
    test.each(CONVOLUTIONS)('%s: those of the moment, whoever changed them', (kind, filters, groups) => {
      const x = random(1, [2, 6, 5, 8]) as tf.Tensor4D;
      const filter = tf.variable(random(2, [3, 3, 8 / groups, filters]) as tf.Tensor4D);
      const offset = tf.zeros<tf.Rank.R4>([2, 6, 5, 18]);
      const options = { padding: 'same', groups } as const;
      const forward = (given: tf.Tensor4D): tf.Tensor =>
        kind === 'deformable' ? conv.deformConv2d(given, offset, filter, options) : conv.conv2d(given, filter, options);
      const sgd = new SGD({ learningRate: 0.1 });
      const captured = conv.capture(forward);
      const training = conv.capture((given: tf.Tensor4D) =>
        sgd.minimize(() => forward(given).square().mean(), true, [filter])!,
      );
      const changes: readonly (() => void)[] = [
        () => undefined,
        () => void numbers(() => training(x)),
        () => {
          tf.tidy(() => {
            filter.assign(filter.mul(0.5));
          });
        },
        () => void numbers(() => training(x)),
        () => void numbers(() => training(x)),
      ];
      for (let round = 0; round < 3; round++) {
        for (const change of changes) {
          change();
          expect(numbers(() => captured(x))).toEqual(numbers(() => forward(x)));
        }
      }
      const { numTensors } = tf.memory();
      for (const change of changes) {
        change();
        numbers(() => captured(x));
      }
      expect(tf.memory().numTensors).toBe(numTensors);
      expect(captured.report().signatures.map(({ state }) => state)).toEqual(['replayed']);
      captured.dispose();
      training.dispose();
      sgd.dispose();
      tf.dispose([x, filter, offset]);
    });
  },
  PLAIN,
);
