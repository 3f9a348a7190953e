/** adamUpdates against Adam in float64. */
import * as tf from '@tensorflow/tfjs';
import { adamUpdates, type AdamResult } from '../../src/ops/adam_updates/op.js';
import { adam, type AdamState } from '../oracle/adam.js';
import { describeBackends } from '../support/backends.js';
import { expectClose } from '../support/compare.js';
import { toTensor } from '../support/gradient_check.js';
import { expectNoLeak } from '../support/memory.js';
import { Random } from '../support/random.js';
import { scoped } from '../support/scoped.js';

const OPTIONS = { learningRate: 0.003, beta1: 0.85, beta2: 0.995, epsilon: 1e-3 };

function randomState(random: Random, shape: readonly number[]): AdamState {
  return {
    value: random.array(shape),
    firstMoment: random.array(shape, -0.1, 0.1),
    secondMoment: random.array(shape, 0, 0.1),
  };
}

function stepOf(value: tf.Tensor, gradient: tf.Tensor, moments: readonly tf.Tensor[], step: number): AdamResult {
  const [firstMoment, secondMoment] = moments as [tf.Tensor, tf.Tensor];
  const { learningRate, ...options } = OPTIONS;
  const variables = [{ value, gradient, firstMoment, secondMoment, learningRate }];
  return adamUpdates(variables, { ...options, step })[0]!;
}

function update(state: AdamState, gradient: tf.Tensor, number: number): AdamResult {
  const { value, firstMoment, secondMoment } = state;
  return stepOf(toTensor(value), gradient, [toTensor(firstMoment), toTensor(secondMoment)], number);
}

describeBackends('adamUpdates()', (backend) => {
  test.each([1, 2, 1000])('matches the oracle at step %d', async (step) => {
    const random = new Random(step);
    const state = randomState(random, [3, 5, 7]);
    const gradient = random.array([3, 5, 7]);
    const want = adam(state, gradient, { ...OPTIONS, step });
    await scoped(async () => {
      const { value, firstMoment, secondMoment } = update(state, toTensor(gradient), step);
      await expectClose(value, want.value, 1e-6, 'value');
      await expectClose(firstMoment, want.firstMoment, 1e-6, 'firstMoment');
      await expectClose(secondMoment, want.secondMoment, 1e-6, 'secondMoment');
    });
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 17])('updates every one of %d values', async (size) => {
    const random = new Random(size);
    const state = randomState(random, [size]);
    const gradient = random.array([size]);
    const want = adam(state, gradient, { ...OPTIONS, step: 3 });
    await scoped(async () => {
      const { value } = update(state, toTensor(gradient), 3);
      await expectClose(value, want.value, 1e-6, 'value');
    });
  });

  test('updates variables of several shapes, each at its own rate', async () => {
    const random = new Random(7);
    const states = [randomState(random, [2, 3]), randomState(random, [5])];
    const gradients = [random.array([2, 3]), random.array([5])];
    const rates = [0.003, 0.03];
    const { beta1, beta2, epsilon } = OPTIONS;
    await scoped(async () => {
      const variables = states.map((state, index) => ({
        value: toTensor(state.value),
        gradient: toTensor(gradients[index]!),
        firstMoment: toTensor(state.firstMoment),
        secondMoment: toTensor(state.secondMoment),
        learningRate: rates[index]!,
      }));
      const results = adamUpdates(variables, { beta1, beta2, epsilon, step: 4 });
      for (const [index, state] of states.entries()) {
        const want = adam(state, gradients[index]!, { ...OPTIONS, learningRate: rates[index]!, step: 4 });
        await expectClose(results[index]!.value, want.value, 1e-6, 'value');
        await expectClose(results[index]!.firstMoment, want.firstMoment, 1e-6, 'firstMoment');
        await expectClose(results[index]!.secondMoment, want.secondMoment, 1e-6, 'secondMoment');
      }
    });
  });

  test('follows the oracle over fifty steps', async () => {
    const random = new Random(50);
    let want = { ...randomState(random, [11]), firstMoment: toZero(11), secondMoment: toZero(11) };
    let tensors = [want.value, want.firstMoment, want.secondMoment].map(toTensor);
    for (let step = 1; step <= 50; step++) {
      const gradient = random.array([11]);
      want = adam(want, gradient, { ...OPTIONS, step });
      const [value, firstMoment, secondMoment] = tensors as [tf.Tensor, tf.Tensor, tf.Tensor];
      const g = toTensor(gradient);
      const next = stepOf(value, g, [firstMoment, secondMoment], step);
      tf.dispose([...tensors, g]);
      tensors = [next.value, next.firstMoment, next.secondMoment];
    }
    await expectClose(tensors[0]!, want.value, backend.tolerance, 'value');
    tf.dispose(tensors);
  });

  test('leaves its inputs as they were and nothing behind', async () => {
    const random = new Random(60);
    const state = randomState(random, [4, 3]);
    const gradient = random.array([4, 3]);
    const inputs = [state.value, gradient, state.firstMoment, state.secondMoment].map(toTensor);
    const before = await Promise.all(inputs.map((tensor) => tensor.array()));
    const [value, g, firstMoment, secondMoment] = inputs as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    expectNoLeak(() => Object.values(stepOf(value, g, [firstMoment, secondMoment], 5)));
    expect(await Promise.all(inputs.map((tensor) => tensor.array()))).toEqual(before);
    tf.dispose(inputs);
  });
});

function toZero(size: number): AdamState['value'] {
  return { shape: [size], data: new Float64Array(size) };
}

describe('adamUpdates()', () => {
  beforeAll(() => tf.setBackend('cpu'));

  test.each(['gradient', 'firstMoment', 'secondMoment'])('refuses a %s of another shape, kind or type', (name) => {
    const one = { value: tf.ones([4]), gradient: tf.ones([4]), firstMoment: tf.ones([4]), secondMoment: tf.ones([4]) };
    for (const wrong of [tf.ones([3]), tf.ones([5]), tf.ones([2, 2]), tf.ones([4, 1]), tf.ones([4], 'int32'), 1]) {
      const variables = [one, { ...one, [name]: wrong }].map((variable) => ({ ...variable, learningRate: 0.1 }));
      expect(() => adamUpdates(variables, { beta1: 0.9, beta2: 0.99, epsilon: 1e-7, step: 1 })).toThrow(
        `Cannot run adamUpdates: ${name} 1 must`,
      );
    }
  });

  test('refuses to update nothing', () => {
    expect(() => adamUpdates([], { ...OPTIONS, step: 1 })).toThrow('at least one');
  });
});
