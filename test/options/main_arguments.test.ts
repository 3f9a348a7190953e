/** Whatever is passed in place of a model, a file, a report or a tensor: one error that names the argument. */
import * as tf from '@tensorflow/tfjs';
import * as geometry from '../../src/geometry/index.js';
import * as conv from '../../src/index.js';
import * as interop from '../../src/interop/index.js';
import * as plots from '../../src/plots/index.js';
import * as training from '../../src/training/index.js';

type AnyFunction = (...args: unknown[]) => unknown;

const ENTRIES: Readonly<Record<string, object>> = {
  conv,
  'conv.layers': conv.layers,
  plots,
  training,
  interop,
  geometry,
};

/**
 * Functions that take anything, or for which a name of a package, a seed and the like need no check of their own, or
 * that are called with a number or nothing (test/backends/wasm/use_threads.test.ts has what useThreads() refuses).
 */
const TAKE_ANYTHING = new Set([
  'conv.accelerateStockLayers',
  'conv.useThreads',
  'training.loadMnist',
  'training.fileHandler',
]);

const WRONG: Readonly<Record<string, unknown>> = {
  'an empty object': {},
  null: null,
  'a number': 5,
  'a text': 'nowhere',
  'an empty list': [],
  nothing: undefined,
};

function isClass(value: unknown): boolean {
  return typeof value === 'function' && Function.prototype.toString.call(value).startsWith('class ');
}

const FUNCTIONS = Object.entries(ENTRIES).flatMap(([entry, members]) =>
  Object.entries(members)
    .filter(([, value]) => typeof value === 'function' && !isClass(value))
    .map(([name, value]) => [`${entry}.${name}`, value as AnyFunction] as const)
    .filter(([name]) => !TAKE_ANYTHING.has(name)),
);

/** Message of the error, or undefined where the call succeeds. */
async function failureOf(call: () => unknown): Promise<string | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

beforeAll(() => tf.setBackend('cpu'));

test.each(FUNCTIONS)('%s() refuses a wrong first argument in one line that names it', async (name, call) => {
  const faults: string[] = [];
  const isLayer = name.startsWith('conv.layers.');
  for (const [title, wrong] of Object.entries(WRONG)) {
    const isOmitted = wrong === undefined || title === 'an empty object';
    // Whole networks would be built.
    if (isOmitted && call.length === 0 && !isLayer) continue;
    const message = await failureOf(() => call(wrong));
    const mayPass = isOmitted && isLayer;
    if (message === undefined && !mayPass) faults.push(`${title}: accepted`);
    if (message !== undefined && !/^Cannot [^\n]+(received |run: npm install)[^\n]*$/.test(message)) {
      faults.push(`${title}: ${message.slice(0, 200)}`);
    }
  }
  expect(faults).toEqual([]);
});

// Those that look at the image first; all others check it by the same function.
const OPERATORS = Object.entries(conv as unknown as Readonly<Record<string, AnyFunction>>).filter(([name]) =>
  /^(conv2d|conv2dTranspose|depthwiseConv2d|deformConv2d|deformConv2dV3|batchNorm|channelShuffle)$/.test(name),
);

test.each(OPERATORS)('%s() refuses a disposed image and says so', async (_, call) => {
  const disposed = tf.ones([1, 4, 4, 1]);
  disposed.dispose();
  expect(await failureOf(() => call(disposed))).toMatch(/^Cannot run \w+: x must not be disposed, received/);
});
