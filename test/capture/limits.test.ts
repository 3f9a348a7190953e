/** Functions that cannot be captured are noticed, and changes between two calls recorded anew. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { Adam, SGD } from '../../src/training/index.js';
import { describeBackends } from '../support/backends.js';
import { numbers, PLAIN } from './support/numbers.js';

let warn: jest.SpyInstance;
beforeEach(() => {
  warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
});
afterEach(() => {
  warn.mockRestore();
});

function reasonOf(captured: { report: () => conv.CaptureReport }): string | undefined {
  return captured.report().signatures.at(-1)?.reason;
}

describeBackends(
  'capture() notices',
  () => {
    const x = (): tf.Tensor => tf.tensor1d([1, -2, 3]);

    let counter = 0;
    const bound: { variable?: tf.Variable; assign?: (value: tf.Tensor) => void } = {};
    beforeEach(() => {
      bound.variable = tf.variable(tf.zeros([3]));
      bound.assign = bound.variable.assign.bind(bound.variable);
    });
    afterEach(() => {
      bound.variable!.dispose();
    });

    const functions: readonly (readonly [string, (x: tf.Tensor) => tf.Tensor, string])[] = [
      [
        'random numbers of JavaScript',
        (a) => a.add(tf.randomNormal([3])),
        'numbers made in JavaScript read by Add change from call to call; pass them as a tensor',
      ],
      ['dropout of TensorFlow.js', (a) => tf.dropout(a, 0.5), 'numbers made in JavaScript'],
      ['a counter', (a) => a.mul(counter++), 'numbers made in JavaScript read by Multiply change from call to call'],
      [
        'values that are read back',
        (a) => (a.sum().dataSync()[0]! > 0 ? a.neg() : a),
        'it reads the values of a tensor (dataSync), which may decide what it does',
      ],
      [
        'a sequence that changes',
        (a) => (counter++ % 2 === 0 ? a.square() : a.abs()),
        'it runs Square in one call and Abs in the next',
      ],
      [
        'a number of kernels that changes',
        (a) => (counter++ % 2 === 0 ? a.square() : a.abs().neg()),
        'its kernels change from call to call',
      ],
      [
        'options that change',
        (a) => tf.cumsum(a, 0, counter++ % 2 === 0),
        'the options of Cumsum change from call to call',
      ],
      [
        'tensors that it keeps',
        (a) => (kept.push(tf.keep(a.square())), a.abs()),
        'it keeps a tensor of shape [3]; return it instead',
      ],
      [
        'assignments by a method that was taken from the variable before',
        (a) => {
          const next = bound.variable!.add(a);
          bound.assign!(next);
          return next;
        },
        'it assigns a variable by a method that was taken from it before',
      ],
      ['variables that it creates', (a) => (kept.push(tf.variable(a)), a.abs()), 'it creates variables at every call'],
      [
        'shapes that depend on values',
        (a) => tf.unique(a.toInt()).values.toFloat(),
        'the shape of the result of Unique depends on values',
      ],
      [
        'numbers that it returns',
        ((a: tf.Tensor) => [a.abs(), 3]) as unknown as (a: tf.Tensor) => tf.Tensor,
        'it returns a number; return tensors alone',
      ],
      ['strings', (a) => (tf.tensor1d(['a']), a.abs()), 'it makes a tensor of string'],
    ];
    const kept: tf.Tensor[] = [];

    test.each(functions)('%s', (_, f, reason) => {
      const captured = conv.capture(f);
      counter = 0;
      for (let call = 0; call < 8; call++) tf.tidy(() => void captured(x()));
      expect(reasonOf(captured)).toContain(reason);
      expect(captured.report().signatures[0]!.state).toBe('ordinary');
      const warnings = warn.mock.calls.map(String).filter((text) => text.includes('captured function'));
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toContain(reason);
      captured.dispose();
      tf.dispose(kept.splice(0));
    });

    test('tensors from outside that change', () => {
      const others = Array.from({ length: 9 }, (_, index) => tf.scalar(index));
      let call = 0;
      const captured = conv.capture((a: tf.Tensor) => a.add(others[call]!));
      for (; call < 9; call++) expect(numbers(() => captured(x()))).toEqual([1 + call, call - 2, 3 + call]);
      expect(reasonOf(captured)).toContain('a tensor from outside read by Add is another one at every call');
      captured.dispose();
      tf.dispose(others);
    });

    test('a number that changes after many calls', () => {
      let factor = 1;
      const captured = conv.capture((a: tf.Tensor) => a.mul(factor));
      for (let call = 0; call < 10; call++) numbers(() => captured(x()));
      expect(captured.report().signatures[0]!.state).toBe('replayed');
      factor = 2;
      for (let call = 0; call < 30; call++) numbers(() => captured(x()));
      expect(reasonOf(captured)).toMatch(
        /numbers made in JavaScript read by Multiply change .* noticed after \d+ calls/,
      );
      expect(numbers(() => captured(x()))).toEqual([2, -4, 6]);
      captured.dispose();
    });
  },
  PLAIN,
);

describeBackends(
  'capture() records anew after',
  () => {
    const state = (captured: { report: () => conv.CaptureReport }): unknown => captured.report().signatures[0]!.state;

    /** A step on one weight, and the same step run as usual. */
    function pair(make: () => tf.Optimizer): {
      step: conv.Captured<[tf.Tensor], tf.Scalar>;
      usual: (x: tf.Tensor) => tf.Scalar;
      rules: readonly [tf.Optimizer, tf.Optimizer];
      weights: readonly [tf.Variable, tf.Variable];
    } {
      const weights = [0, 1].map(() => tf.tidy(() => [tf.variable(tf.tensor1d([0.5, -1]))])[0]!);
      const [a, b] = weights as [tf.Variable, tf.Variable];
      const [p, q] = [make(), make()];
      const stepOf = (rule: tf.Optimizer, weight: tf.Variable) => (x: tf.Tensor) =>
        rule.minimize(() => weight.mul(x).sub(1).square().sum(), true, [weight])!;
      return { step: conv.capture(stepOf(p, a)), usual: stepOf(q, b), rules: [p, q], weights: [a, b] };
    }

    async function same(p: ReturnType<typeof pair>, calls: number): Promise<void> {
      for (let call = 0; call < calls; call++) {
        const x = tf.tensor1d([1 + call, 2]);
        const [got, want] = [p.step(x), tf.tidy(() => p.usual(x))];
        expect(await got.data()).toEqual(await want.data());
        expect(await p.weights[0].data()).toEqual(await p.weights[1].data());
        tf.dispose([got, want, x]);
      }
    }

    test.each([
      [
        "TensorFlow.js's own",
        (): tf.Optimizer => tf.train.momentum(0.01, 0.5),
        (rule: tf.Optimizer): void => {
          (rule as unknown as { setLearningRate: (rate: number) => void }).setLearningRate(0.002);
        },
      ],
      [
        "TensorFlow.js's own, set as a property",
        (): tf.Optimizer => tf.train.adam(0.01),
        (rule: tf.Optimizer): void => {
          (rule as unknown as { learningRate: number }).learningRate = 0.002;
        },
      ],
      [
        "the package's own",
        (): tf.Optimizer => new Adam({ learningRate: 0.01 }),
        (rule: tf.Optimizer): void => {
          (rule as unknown as { learningRate: number }).learningRate = 0.002;
        },
      ],
    ] as const)('a new learning rate (%s)', async (_, make, change) => {
      const both = pair(make);
      await same(both, 6);
      expect(state(both.step)).toBe('replayed');
      both.rules.forEach(change);
      await same(both, 6);
      expect(state(both.step)).toBe('replayed');
      both.step.dispose();
    });

    test('a frozen variable', async () => {
      const [a, b] = [tf.variable(tf.scalar(1)), tf.variable(tf.scalar(1))];
      const rule = tf.train.sgd(0.1);
      const step = conv.capture((x: tf.Tensor) => rule.minimize(() => a.add(b).mul(x).square().sum(), true)!);
      for (let call = 0; call < 5; call++) step(tf.scalar(1)).dispose();
      a.trainable = false;
      const [before, other] = [(await a.data())[0], (await b.data())[0]];
      step(tf.scalar(1)).dispose();
      expect((await a.data())[0]).toBe(before);
      expect((await b.data())[0]).not.toBe(other);
      step.dispose();
      tf.dispose([a, b]);
    });

    test.each([
      ['of this package', () => conv.layers.batchNormalization({ center: false, scale: false })],
      ["TensorFlow.js's", () => tf.layers.batchNormalization({ center: false, scale: false })],
    ] as const)('a normalisation without weights to train has been frozen, or released (%s)', (_, make) => {
      const restore = conv.accelerateStockLayers();
      const x = tf.tensor2d([1, 2, 4, 8], [4, 1]);
      const [usual, other] = [make(), make()];
      const forward = (layer: tf.layers.Layer) => (given: tf.Tensor) =>
        layer.apply(given, { training: true }) as tf.Tensor;
      const captured = conv.capture(forward(other));
      for (const trainable of [true, false, true]) {
        for (const layer of [usual, other]) layer.trainable = trainable;
        for (let call = 0; call < 4; call++) {
          expect(numbers(() => captured(x))).toEqual(numbers(() => forward(usual)(x)));
        }
        expect(state(captured)).toBe('replayed');
      }
      captured.dispose();
      for (const layer of [usual, other]) layer.dispose();
      x.dispose();
      restore();
    });

    test('assignments from outside, with and without a copy elsewhere', async () => {
      const both = pair(() => tf.train.sgd(0.01));
      await same(both, 5);
      for (const weight of both.weights) weight.assign(tf.tensor1d([3, 4]));
      await same(both, 3);
      const copy = both.weights[0].clone();
      const before = await copy.data();
      await same(both, 3);
      expect(await copy.data()).toEqual(before);
      both.step.dispose();
    });

    test('a tensor from outside has been disposed', () => {
      let factor = tf.scalar(2);
      const captured = conv.capture((x: tf.Tensor) => x.mul(factor));
      for (let call = 0; call < 5; call++) numbers(() => captured(tf.scalar(3)));
      factor.dispose();
      expect(() => captured(tf.scalar(3))).toThrow();
      factor = tf.scalar(4);
      expect(numbers(() => captured(tf.scalar(3)))).toEqual([12]);
      captured.dispose();
    });

    test('a variable has been read on another backend and is back at its old address', async () => {
      const before = tf.getBackend();
      await tf.setBackend('wasm');
      const kernel = tf.variable<tf.Rank.R2>(tf.ones([4, 4]));
      const ones = tf.ones<tf.Rank.R2>([1, 4]);
      const step = conv.capture((x: tf.Tensor) => (kernel.assign(kernel.add(x)), kernel.sum()));
      const sgd = new SGD({ learningRate: 1 });
      const descend = conv.capture((x: tf.Tensor) => sgd.minimize(() => kernel.mul(x).sum(), true, [kernel])!);
      for (const [captured, change] of [
        [step, 1],
        [descend, -1],
      ] as const) {
        for (let call = 0; call < 4; call++) numbers(() => captured(tf.scalar(1)));
        for (let visit = 0; visit < 3; visit++) {
          await tf.setBackend('cpu');
          numbers(() => kernel.sum());
          await tf.setBackend('wasm');
          for (let call = 0; call < 3; call++) {
            // The host keeps what it prepares from the kernel until it learns of a change.
            const [old] = numbers(() => tf.matMul(ones, kernel));
            numbers(() => captured(tf.scalar(1)));
            expect(numbers(() => tf.matMul(ones, kernel))[0]).toBe(old! + 4 * change);
          }
        }
        expect(state(captured)).toBe('replayed');
        captured.dispose();
      }
      tf.dispose([kernel, ones]);
      await tf.setBackend(before);
    });

    test('its backend has been removed and registered again', async () => {
      const before = tf.getBackend();
      const name = `${before}-again`;
      const { factory } = (tf.engine() as unknown as { registryFactory: Record<string, { factory: never }> })
        .registryFactory['cpu']!;
      tf.copyRegisteredKernels('cpu', name);
      const captured = conv.capture((x: tf.Tensor) => x.mul(2).add(tf.tensor1d([1, 2])));
      for (let life = 0; life < 2; life++) {
        tf.registerBackend(name, factory);
        await tf.setBackend(name);
        for (let call = 0; call < 5; call++) {
          expect(numbers(() => captured(tf.tensor1d([call, 1])))).toEqual([2 * call + 1, 4]);
        }
        await tf.setBackend(before);
        tf.removeBackend(name);
      }
      captured.dispose();
    });

    test('other shapes, dtypes and backends, each a signature of its own', async () => {
      const captured = conv.capture((x: tf.Tensor) => x.square());
      const before = tf.getBackend();
      for (let call = 0; call < 4; call++) {
        for (const backend of ['cpu', 'wasm']) {
          await tf.setBackend(backend);
          for (const x of [tf.ones([2]), tf.fill([3], 2), tf.tensor1d([5], 'int32')]) {
            expect(numbers(() => captured(x))).toEqual(numbers(() => x.square()));
          }
        }
      }
      await tf.setBackend(before);
      const { signatures } = captured.report();
      expect(signatures.map(({ signature }) => signature)).toEqual(
        ['cpu', 'wasm'].flatMap((name) => [`${name}: float32[2]`, `${name}: float32[3]`, `${name}: int32[1]`]),
      );
      expect(new Set(signatures.map(({ state: each }) => each))).toEqual(new Set(['replayed']));
      captured.dispose();
    });
  },
  PLAIN,
);
