/** channelShuffle against its definition: output channel c·groups + g is input channel g·(channels / groups) + c. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { array64, type Array64 } from '../oracle/array64.js';
import { describeBackends } from '../support/backends.js';
import { expectClose } from '../support/compare.js';
import { checkOp, toTensor } from '../support/gradient_check.js';
import { Random } from '../support/random.js';
import { scoped } from '../support/scoped.js';

function shuffle(x: Array64, groups: number): Array64 {
  const channels = x.shape[x.shape.length - 1]!;
  return array64(x.shape, (index) => {
    const out = index % channels;
    const source = (out % groups) * (channels / groups) + Math.floor(out / groups);
    return x.data[index - out + source]!;
  });
}

describeBackends('channelShuffle()', (backend) => {
  test.each([1, 2, 3, 4, 6, 12])(
    'deals 12 channels in %d groups as its definition says, in value and gradient',
    async (groups) => {
      await checkOp(
        {
          inputs: { x: new Random(groups).array([2, 3, 4, 12]) },
          run: ({ x }) => conv.channelShuffle(x as tf.Tensor4D, groups),
          oracle: ({ x }) => shuffle(x, groups),
        },
        backend.tolerance,
      );
    },
  );

  test('is undone by a shuffle of as many groups as each had channels', async () => {
    const x = new Random(20).array([1, 2, 3, 15]);
    await scoped(async () => {
      const back = conv.channelShuffle(conv.channelShuffle(toTensor(x) as tf.Tensor4D, 3), 5);
      expect([...(await back.data())]).toEqual([...x.data]);
    });
  });

  test('can be differentiated twice', async () => {
    const x = new Random(21).array([2, 2, 3, 6]);
    const cubed = (image: tf.Tensor): tf.Tensor => tf.pow(conv.channelShuffle(image as tf.Tensor4D, 2), 3);
    await scoped(async () => {
      const second = tf.grad((image) => tf.grad(cubed)(image))(toTensor(x));
      await expectClose(
        second,
        array64(x.shape, (index) => 6 * x.data[index]!),
        10 * backend.tolerance,
      );
    });
  });

  test('keeps the rank of a 3-D image and an empty batch', () => {
    tf.tidy(() => {
      expect(conv.channelShuffle(tf.zeros<tf.Rank.R3>([2, 3, 4]), 2).shape).toEqual([2, 3, 4]);
      expect(conv.channelShuffle(tf.zeros<tf.Rank.R4>([0, 2, 3, 4]), 2).shape).toEqual([0, 2, 3, 4]);
    });
  });
});
