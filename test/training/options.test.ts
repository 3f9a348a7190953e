/** Options of every function of `training`: unknown ones, values that are not options, and values out of range. */
import * as tf from '@tensorflow/tfjs';
import { Adam } from '../../src/training/adam.js';
import { DEFAULT_AUGMENTATION } from '../../src/training/augmentation.js';
import { cosineDecay } from '../../src/training/cosine_decay.js';
import type { Dataset } from '../../src/training/dataset.js';
import { evaluate } from '../../src/training/evaluate.js';
import { readIdx } from '../../src/training/idx.js';
import { loadImageFolder } from '../../src/training/image_folder.js';
import { Random } from '../../src/training/random.js';
import { resizeSplit } from '../../src/training/resize.js';
import { SGD } from '../../src/training/sgd.js';
import { splitByClass } from '../../src/training/split_by_class.js';
import { takeFirst } from '../../src/training/take_first.js';
import { Trainer } from '../../src/training/trainer.js';
import { withSeed } from '../../src/training/with_seed.js';
import { anything } from '../support/refusals.js';
import { TINY_OPTIONS, tinyData, tinyModel } from './support/tiny.js';

/** A function with options. */
interface Taker {
  readonly name: string;
  /** Calls it with valid arguments otherwise. */
  readonly call: (options: never) => unknown;
  /** Valid options. */
  readonly good: Readonly<Record<string, unknown>>;
  /** Values of single options that it must refuse, with the text of the error. */
  readonly bad: Readonly<Record<string, readonly unknown[]>>;
}

const NOT_NUMBERS = ['1', true, [1], {}, null, NaN];
const NOT_POSITIVE = [...NOT_NUMBERS, 0, -1, Infinity, 1e300, 1e-300];
const NOT_COUNTS = [...NOT_NUMBERS, 0, -1, 1.5, Infinity, 1e300];
const NOT_SEEDS = [...NOT_NUMBERS, -1, 0.5, 2 ** 32, Infinity];
const NOT_DECAYS = [...NOT_NUMBERS, -0.1, 1, Infinity];
const NOT_CALLBACKS = [1, 'x', {}, null, true];
const NOT_SIGNALS = [...NOT_CALLBACKS, { aborted: false }];

let model: tf.LayersModel;
const data = tinyData();
const { zoom, shift } = DEFAULT_AUGMENTATION;

const TAKERS: readonly Taker[] = [
  {
    name: 'SGD',
    call: (options) => {
      new SGD(options).dispose();
    },
    good: { learningRate: 0.1, momentum: 0.9, nesterov: true },
    bad: { learningRate: NOT_POSITIVE, momentum: NOT_DECAYS, nesterov: [1, 'yes', null] },
  },
  {
    name: 'Adam',
    call: (options) => {
      new Adam(options).dispose();
    },
    good: { learningRate: 0.1, beta1: 0.5, beta2: 0.9, epsilon: 1e-7, multipliers: { x: 0 } },
    bad: {
      learningRate: NOT_POSITIVE,
      beta1: NOT_DECAYS,
      beta2: NOT_DECAYS,
      epsilon: NOT_POSITIVE,
      multipliers: [1, 'x', null, [1], { x: '1' }, { x: -1 }, { x: NaN }, { x: Infinity }],
    },
  },
  {
    name: 'Trainer',
    call: (options) => {
      new Trainer(model, data, options).dispose();
    },
    good: {
      ...TINY_OPTIONS,
      augmentation: {
        ...{ zoom, shift, flip: 'both', rotate: 5, contrast: 0.1 },
        ...{ brightness: 0.1, erase: 0.1, mixup: 0.1, cutmix: 1 },
      },
    },
    bad: {
      epochs: [...NOT_COUNTS, undefined],
      batchSize: [...NOT_COUNTS, undefined],
      learningRate: [...NOT_POSITIVE, undefined],
      seed: [...NOT_SEEDS, undefined],
      augmentation: [
        ...[undefined, null, true, 1, 'x', [], {}],
        ...[{ zoom }, { shift }, { zoom, shift, flip: true }, { zoom, shift, turn: 1 }],
        ...NOT_DECAYS.map((value) => ({ zoom: value, shift })),
        ...[...NOT_NUMBERS, -0.1, 1.1].map((value) => ({ zoom, shift: value })),
        ...['contrast', 'brightness', 'erase', 'mixup', 'cutmix', 'rotate'].flatMap((name) =>
          [...NOT_NUMBERS, -0.1, 181].map((value) => ({ zoom, shift, [name]: value })),
        ),
      ],
    },
  },
  {
    name: 'Trainer.run',
    call: async (hooks) => {
      const trainer = new Trainer(model, data, { ...TINY_OPTIONS, epochs: 1, batchSize: 44 });
      await trainer.run(hooks);
      trainer.dispose();
    },
    good: { signal: AbortSignal.abort(), onStep: () => undefined, onEpoch: () => undefined },
    bad: { signal: NOT_SIGNALS, onStep: NOT_CALLBACKS, onEpoch: NOT_CALLBACKS },
  },
  {
    name: 'evaluate',
    call: (options) => evaluate(model, data.test, options),
    good: { batchSize: 20, signal: new AbortController().signal, onBatch: () => undefined },
    bad: { batchSize: NOT_COUNTS, signal: NOT_SIGNALS, onBatch: NOT_CALLBACKS },
  },
  {
    // The file does not exist; options are checked first.
    name: 'loadImageFolder',
    call: async (options) => {
      await loadImageFolder('/nowhere', options).catch((error: unknown) => {
        if (!String(error).includes('/nowhere')) throw error;
      });
    },
    good: { size: 8, channels: 1, seed: 3, onLeftOut: () => undefined },
    bad: {
      size: NOT_COUNTS,
      channels: [...NOT_NUMBERS, 0, 2, 4],
      seed: NOT_SEEDS,
      onLeftOut: [3, 'line', {}, true],
    },
  },
];

beforeAll(async () => {
  await tf.setBackend('cpu');
  model = tinyModel();
});

/** Catches the error that a call throws or rejects with. */
async function errorOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** Fails unless the call ends with an error of the package, on one line that contains the text. */
async function expectRefused(call: () => unknown, text: string | RegExp): Promise<void> {
  const before = tf.memory().numTensors;
  const error = await errorOf(call);
  expect(String(error)).toMatch(/^(Type|Range)Error: Cannot [^\n]*$/);
  expect(String(error)).toMatch(text);
  expect(tf.memory().numTensors).toBe(before);
}

describe.each(TAKERS)('$name', ({ call, good, bad }) => {
  test('accepts its options', async () => {
    expect(await errorOf(() => call(anything(good)))).toBeUndefined();
  });

  test.each([0.1, 'same', null, true, [0.1], new Map()])('refuses %p instead of options', async (options) => {
    await expectRefused(() => call(anything(options)), 'options');
  });

  test.each(['lr', 'decay', 'clipnorm', 'learning_rate', 'batch_size', '__proto__x'])(
    'refuses the unknown option %s',
    async (name) => {
      await expectRefused(() => call(anything({ ...good, [name]: 1 })), name);
    },
  );

  test.each(Object.entries(bad))('refuses invalid values of %s', async (name, values) => {
    // A field of an option is named by its own name.
    const parts = Object.keys(good[name] ?? {});
    for (const value of values) {
      await expectRefused(() => call(anything({ ...good, [name]: value })), new RegExp([name, ...parts].join('|')));
    }
  });
});

describe('arguments', () => {
  const one = (): number => 1;
  const later = (): Promise<number> => Promise.resolve(1);
  const idx = (...given: never[]): unknown => readIdx(...(given as unknown as Parameters<typeof readIdx>));

  test.each([
    ...[-1, NaN, Infinity, '1', null].map((value) => ['cosineDecay', cosineDecay, [value, 0, 10], 'initial'] as const),
    ...[-1, NaN, 0.5, '1', null].map((value) => ['cosineDecay', cosineDecay, [0.1, value, 10], 'step'] as const),
    ...[0, -1, NaN, 0.5, null].map((value) => ['cosineDecay', cosineDecay, [0.1, 0, value], 'totalSteps'] as const),
    ...NOT_COUNTS.map((value) => ['takeFirst', takeFirst, [data.train, value], 'count'] as const),
    ...NOT_COUNTS.map((value) => ['resizeSplit', resizeSplit, [data, value], 'size'] as const),
    ['resizeSplit', resizeSplit, [data, 1e6], 'size'],
    ...NOT_SEEDS.map((value) => ['splitByClass', splitByClass, [data.train, value], 'seed'] as const),
    ...NOT_COUNTS.map((value) => ['readIdx', idx, ['/nowhere', value], 'dimensions'] as const),
    ...NOT_SEEDS.map((value) => ['Random', (seed: never) => new Random(seed, 'step'), [value], 'seed'] as const),
    ...NOT_SEEDS.map((value) => ['Random', (a: never) => new Random(1, 'step', a), [value], 'a'] as const),
    ...NOT_SEEDS.map((value) => ['Random', (b: never) => new Random(1, 'step', 1, b), [value], 'b'] as const),
    ['Random', (stream: never) => new Random(1, stream), ['sort'], 'stream'],
    ['Random', (stream: never) => new Random(1, stream), ['toString'], 'stream'],
    ['below', (count: never) => new Random(1, 'step').below(count), [0], 'count'],
    ['below', (count: never) => new Random(1, 'step').below(count), [1.5], 'count'],
    ['between', (low: never) => new Random(1, 'step').between(low, 0), [NaN], 'low'],
    ['between', (low: never) => new Random(1, 'step').between(low, 0), [1], 'low'],
    ['withSeed', withSeed, [Math, one], 'random'],
    ['withSeed', withSeed, [new Random(1, 'step'), 1], 'run'],
    ['withSeed', withSeed, [new Random(1, 'step'), later], 'synchronous'],
    ['evaluate', evaluate, [{}, data.test], 'model'],
    ['Trainer', (other: never) => new Trainer(other, data, TINY_OPTIONS), [{}], 'model'],
    ...[null, undefined, 1, {}, data.train].map(
      (value) => ['Trainer', (other: never) => new Trainer(model, other, TINY_OPTIONS), [value], 'data'] as const,
    ),
  ] as const)('%s refuses %#', async (_, f, given, text) => {
    const call: (...given: never[]) => unknown = f;
    await expectRefused((): unknown => call(...(given as unknown as never[])), text);
  });

  const { train } = data;
  const broken: readonly (readonly [Partial<Record<keyof Dataset, unknown>>, string])[] = [
    [{ images: [...train.images] }, 'images'],
    [{ images: Float64Array.from(train.images) }, 'images'],
    [{ images: Uint16Array.from(train.images) }, 'images'],
    [{ images: null }, 'images'],
    [{ labels: [...train.labels] }, 'labels'],
    [{ labels: Uint8Array.from(train.labels) }, 'labels'],
    [{ height: 8.5 }, 'height'],
    [{ width: 0 }, 'width'],
    [{ width: '8' }, 'width'],
    [{ channels: NaN }, 'channels'],
    [{ classNames: 3 }, 'classNames'],
    [{ classNames: [0, 1, 2] }, 'classNames'],
  ];

  test.each(broken)('a data set with %j is refused by every function that takes one', async (change, text) => {
    const wrong = { ...train, ...change } as Dataset;
    const split = { name: 'x', train: wrong, test: train };
    for (const call of [
      () => takeFirst(wrong, 1),
      () => splitByClass(wrong, 1),
      () => resizeSplit(split, 4),
      () => evaluate(model, wrong),
      () => new Trainer(model, split, TINY_OPTIONS),
      () => new Trainer(model, { ...split, train, test: wrong }, TINY_OPTIONS),
    ]) {
      await expectRefused(call, text);
    }
  });
});
