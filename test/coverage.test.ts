/** Every operator on every backend: its kernels and gradients are registered. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../src/index.js';
import { BACKENDS } from '../src/kernel/backend_names.js';
import { OPS } from '../src/ops/registry.js';
import { BACKENDS as TESTED } from './support/backends.js';

const pairs = OPS.flatMap((op) => BACKENDS.map((backend) => ({ op, backend, name: op.name })));

/** The registries return undefined where their declarations promise a config. */
const kernelOf = (name: string, backend: string): unknown => tf.getKernel(name, backend);
const gradientOf = (name: string): unknown => tf.getGradient(name);

test.each(pairs)('$name has all its kernels on $backend', ({ op, backend }) => {
  expect(op.kernelNames.length).toBeGreaterThan(0);
  expect(op.kernelNames.filter((kernel) => kernelOf(kernel, backend) === undefined)).toEqual([]);
});

test.each(OPS.filter(({ webgpuKernelNames }) => webgpuKernelNames !== undefined))(
  '$name has its kernels for webgpu there alone',
  ({ webgpuKernelNames }) => {
    const registered = webgpuKernelNames!.flatMap((kernel) =>
      BACKENDS.filter((backend) => kernelOf(kernel, backend) !== undefined),
    );
    expect(registered).toEqual(webgpuKernelNames!.map(() => 'webgpu'));
  },
);

test.each(OPS.filter(({ gradients }) => gradients.length > 0))('$name has its gradients', ({ gradients }) => {
  expect(gradients.map(({ kernelName }) => kernelName).filter((name) => gradientOf(name) === undefined)).toEqual([]);
});

/** Not functions of tensors, or without a derivative: everything else must have a gradient. */
const WITHOUT_GRADIENT = ['adamUpdates', 'weightedSums', 'clipGradients', 'packHalf', 'unpackHalf'];

test('every operator but those listed has a gradient of its forward kernel', () => {
  const without = OPS.filter(({ gradients, kernelNames }) =>
    gradients.every(({ kernelName }) => kernelName !== kernelNames[0]),
  );
  expect(without.map(({ name }) => name)).toEqual(WITHOUT_GRADIENT);
});

test('every kernel and gradient of the folders belongs to a named kernel', () => {
  for (const { kernels, gradients, kernelNames, webgpuKernelNames = [] } of OPS) {
    const registered = [...kernels, ...gradients].map(({ kernelName }) => kernelName);
    const named = [...kernelNames, ...webgpuKernelNames];
    expect(registered.filter((name) => !named.includes(name))).toEqual([]);
  }
});

test('kernel names are the package’s own', () => {
  const foreign = OPS.flatMap(({ kernelNames }) => kernelNames).filter((name) => !name.startsWith('Convolutions/'));
  expect(foreign).toEqual([]);
});

test('every backend of the package is one that the operator tests run on', () => {
  expect([...new Set(TESTED.map(({ name }) => name))].sort()).toEqual([...BACKENDS].sort());
});

/** A backend of another package, for which no kernel of this one exists. */
class ForeignBackend extends tf.KernelBackend {
  override dispose(): void {
    // It holds nothing.
  }
}

test('a backend without the kernels is refused by name', async () => {
  await tf.setBackend('cpu');
  const x = tf.ones<tf.Rank.R4>([1, 3, 3, 1]);
  const filter = tf.ones<tf.Rank.R4>([1, 1, 1, 1]);
  tf.registerBackend('foreign', () => new ForeignBackend());
  await tf.setBackend('foreign');
  try {
    expect(() => conv.conv2d(x, filter)).toThrow(conv.UnsupportedBackendError);
    expect(() => conv.conv2d(x, filter)).toThrow("received backend = 'foreign'");
  } finally {
    await tf.setBackend('cpu');
    tf.removeBackend('foreign');
  }
});
