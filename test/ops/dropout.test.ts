/** dropout against its formula, its rate and shared masks; masks are equal bit for bit on every backend. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { computationOf } from '../../src/kernel/live_attributes.js';
import { applyDropout } from '../../src/ops/dropout/apply.js';
import { DROPOUT, type DropoutAttributes } from '../../src/ops/dropout/kernels.js';
import { array64 } from '../oracle/array64.js';
import { dropout, isKept } from '../oracle/dropout.js';
import { describeGuarded } from '../support/backends.js';
import { checkOp, toTensor } from '../support/gradient_check.js';
import { expectNoLeak } from '../support/memory.js';
import { Random } from '../support/random.js';
import { scoped } from '../support/scoped.js';

/** Keys, among them those whose words are negative as 32-bit integers. */
const KEYS = [
  [0, 0],
  [1, 0],
  [0xffffffff, 0x80000000],
  [0xa4093822, 0x299f31d0],
] as const;

/** Float32 numbers with as many different bits as possible. */
function numbers(seed: number, shape: readonly number[]): tf.Tensor {
  return toTensor(new Random(seed).array([...shape], -3, 3));
}

describeGuarded('dropout()', (backend) => {
  test.each(KEYS)('drops the elements of the key %d, %d, and scales the others in float32', async (...key) => {
    for (const [size, rate] of [
      [1, 0.5],
      [4, 0.2],
      [67, 0.3],
      [4099, 0.1],
      [5003, 0.9],
    ] as const) {
      await scoped(async () => {
        const x = numbers(size, [size]);
        const values = await x.data();
        const y = applyDropout('test dropout', x, { rate, noiseShape: undefined }, () => key);
        const scale = Math.fround(1 / (1 - rate));
        const wanted = values.map((value, i) => (isKept(i, { rate, key }) ? Math.fround(value * scale) : 0));
        expect(await y.data()).toEqual(wanted);
      });
    }
  });

  test.each([
    [
      [2, 3, 5, 7],
      [2, 3, 5, 7],
    ],
    [
      [2, 3, 5, 7],
      [2, 1, 1, 7],
    ],
    [
      [2, 3, 5, 7],
      [1, 3, 5, 7],
    ],
    [
      [2, 3, 5, 7],
      [2, 3, 5, 1],
    ],
    [
      [2, 3, 5, 7],
      [1, 3, 1, 7],
    ],
    [
      [2, 3, 5, 7],
      [2, 1, 5, 1],
    ],
    [
      [2, 3, 5, 7],
      [1, 1, 1, 1],
    ],
    [
      [3, 1, 6],
      [3, 1, 6],
    ],
    [
      [3, 2, 1, 4, 2, 5],
      [1, 2, 1, 4, 1, 5],
    ],
    [
      [3, 2, 2, 4, 2, 5],
      [3, 1, 2, 1, 2, 1],
    ],
    [
      [2, 41],
      [2, 1],
    ],
    [[], []],
  ])('of x %j with a mask of %j agrees with its formula, in value and gradient', async (shape, noiseShape) => {
    const [rate, seed] = [0.4, 11];
    await checkOp(
      {
        inputs: { x: new Random(3).array(shape) },
        run: ({ x }) => conv.dropout(x!, { rate, seed, noiseShape }),
        oracle: ({ x }) => dropout(x, { rate, key: [seed, 0], noiseShape }),
        gradients: (_, dy) => ({ x: dropout(dy, { rate, key: [seed, 0], noiseShape }) }),
      },
      backend.tolerance,
    );
  });

  test('can be differentiated twice', async () => {
    const [rate, seed, shape] = [0.3, 5, [3, 4, 5]];
    const x = new Random(6).array(shape);
    const scale = dropout(
      array64(shape, () => 1),
      { rate, key: [seed, 0], noiseShape: shape },
    ).data;
    const cubed = (given: tf.Tensor): tf.Tensor => tf.pow(conv.dropout(given, { rate, seed }), 3);
    const op = {
      inputs: { x },
      run: ({ x: given }: { x?: tf.Tensor }) => tf.grad(cubed)(given!),
      oracle: ({ x: given }: { x: typeof x }) =>
        array64(shape, (index) => 3 * given.data[index]! ** 2 * scale[index]! ** 3),
    };
    await checkOp(op, 10 * backend.tolerance);
  });

  test('of a rate of 0 is x, in a new tensor', async () => {
    const x = numbers(1, [7]);
    const wanted = await x.data();
    const y = conv.dropout(x, { rate: 0 });
    x.dispose();
    expect(await y.data()).toEqual(wanted);
    y.dispose();
  });

  test('drops all but the last word at the largest rate', async () => {
    await scoped(async () => {
      const [shape, rate] = [[1000], 1 - 2 ** -53];
      const y = conv.dropout(tf.ones(shape), { rate, seed: 1 });
      expect((await y.data()).every((value) => value === 0)).toBe(true);
    });
  });

  test('drops NaN and infinities as 0', async () => {
    await scoped(async () => {
      const x = tf.tensor1d(Array.from({ length: 90 }, (_, i) => [NaN, Infinity, -Infinity][i % 3]!));
      const y = await conv.dropout(x, { rate: 0.5, seed: 3 }).data();
      const finite = [...y].map(Number.isFinite);
      expect(finite).toEqual(finite.map((_, i) => !isKept(i, { rate: 0.5, key: [3, 0] })));
      expect([...y].filter((value, i) => finite[i] && !Object.is(value, 0))).toEqual([]);
    });
  });

  test('leaks no tensor', () => {
    const x = numbers(1, [3, 5]);
    expectNoLeak(() => tf.grad((given) => conv.dropout(given, { rate: 0.5, noiseShape: [3, 1] }))(x));
    x.dispose();
  });
});

describe('dropout()', () => {
  beforeAll(() => tf.setBackend('cpu'));

  test.each([0.001, 0.25, 0.5, 0.999])('keeps 1 − %d of a million elements, within 5σ', (rate) => {
    const count = 1e6;
    const y = tf.tidy(() => conv.dropout(tf.ones([count]), { rate, seed: 12 }).dataSync());
    const kept = y.filter((value) => value !== 0).length;
    expect(Math.abs(kept - count * (1 - rate))).toBeLessThan(5 * Math.sqrt(count * rate * (1 - rate)));
  });

  test('draws a new mask at each call, from Math.random()', () => {
    const draw = (options: object = {}): string =>
      tf.tidy(() =>
        conv
          .dropout(tf.ones([99]), { rate: 0.5, ...options })
          .dataSync()
          .join(),
      );
    expect(new Set(Array.from({ length: 20 }, () => draw())).size).toBe(20);
    expect(draw({ seed: 4 })).toBe(draw({ seed: 4 }));
    expect(draw({ seed: 4 })).not.toBe(draw({ seed: 5 }));
    const original = Math.random;
    const drawn = [0.25, 1 - 2 ** -53];
    Math.random = () => drawn.shift()!;
    try {
      const key = [2 ** 30, 2 ** 32 - 1] as const;
      expect(draw()).toBe(Array.from({ length: 99 }, (_, i) => (isKept(i, { rate: 0.5, key }) ? 2 : 0)).join());
      expect(drawn).toEqual([]);
    } finally {
      Math.random = original;
    }
  });

  test('shares its attributes with its gradients, and draws a key for each computation of them', () => {
    const seen: object[] = [];
    const kernel = tf.getKernel(DROPOUT.forward, 'cpu');
    tf.unregisterKernel(DROPOUT.forward, 'cpu');
    tf.registerKernel({
      ...kernel,
      kernelFunc: (args) => {
        seen.push(args.attrs!);
        return kernel.kernelFunc(args);
      },
    });
    let calls = 0;
    tf.tidy(() => {
      const drop = (x: tf.Tensor): tf.Tensor =>
        applyDropout('test dropout', x, { rate: 0.5, noiseShape: [null, 1] }, () => [7, calls++]);
      tf.grad((x) => tf.grad((inner) => tf.square(drop(inner)))(x))(tf.ones([2, 3]));
    });
    tf.unregisterKernel(DROPOUT.forward, 'cpu');
    tf.registerKernel(kernel);
    expect(seen.length).toBeGreaterThan(2);
    expect(new Set(seen).size).toBe(1);
    expect(seen[0]).toEqual({ rate: 0.5, key: [7, 0], noiseShape: [2, 1] } satisfies DropoutAttributes);
    expect(computationOf(seen[0]!)!()).toEqual({ rate: 0.5, key: [7, 1], noiseShape: [2, 1] });
    expect(calls).toBe(2);
  });

  test.each([
    [{ rate: 1 }, RangeError, 'Cannot run dropout: rate must be a number of at least 0 and below 1, received rate = 1'],
    [{ rate: -0.1 }, RangeError, 'received rate = -0.1'],
    [{ rate: NaN }, RangeError, 'received rate = NaN'],
    [{ rate: 0.5, seed: -1 }, RangeError, 'received seed = -1'],
    [{ rate: 0.5, seed: 2 ** 32 }, RangeError, 'received seed = 4294967296'],
    [{ rate: 0.5, noiseShape: 2 }, TypeError, 'noiseShape must be a list of lengths, received noiseShape = 2'],
    [{ rate: 0.5, noiseShape: [2] }, RangeError, 'for each axis of x, [2, 3], received noiseShape = [2]'],
    [{ rate: 0, noiseShape: [3, 3] }, RangeError, 'received noiseShape = [3, 3]'],
    [{ rate: 0.5, noiseShape: [2, 1.5] }, RangeError, 'received noiseShape = 1.5'],
  ])('refuses %j', (options, kind, message) => {
    const x = tf.ones([2, 3]);
    expect(() => conv.dropout(x, options as conv.DropoutOptions)).toThrow(kind);
    expect(() => conv.dropout(x, options as conv.DropoutOptions)).toThrow(message);
    x.dispose();
  });
});
