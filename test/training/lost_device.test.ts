/** Runs whose graphics device is lost on the way, at moments spread over the run. */
import * as tf from '@tensorflow/tfjs';
import { layers } from '../../src/index.js';
import { Trainer } from '../../src/training/trainer.js';
import { describeBackends } from '../support/backends.js';
import { TINY_OPTIONS, tinyData, tinyModel } from './support/tiny.js';

interface Device {
  readonly queue: { submit: (...args: unknown[]) => void };
  readonly destroy: () => void;
}

interface Gpu {
  readonly instance: { readonly requestAdapter: () => Promise<unknown> };
}

/** Number of moments; each takes ten seconds on a software renderer, which compiles all shaders for each device. */
const LOSSES = Number(process.env['LOSSES'] ?? 3);

/** Makes webgpu the active backend, on a device of its own: tests share one otherwise. */
async function openOwnDevice(): Promise<Device> {
  const { instance } = (navigator as unknown as { readonly gpu: Gpu }).gpu;
  const factory = tf.findBackendFactory('webgpu');
  tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', factory);
  const shared = Object.getOwnPropertyDescriptor(globalThis, 'navigator')!;
  const gpu = { requestAdapter: () => instance.requestAdapter() };
  Object.defineProperty(globalThis, 'navigator', { ...shared, value: { gpu } });
  try {
    await tf.setBackend('webgpu');
  } finally {
    Object.defineProperty(globalThis, 'navigator', shared);
  }
  return (tf.backend() as unknown as { readonly device: Device }).device;
}

/** Calls back instead of the first submission of work after so many others; returns their number so far. */
function afterSubmissions(device: Device, count: number, act: () => void): () => number {
  const { queue } = device;
  const submit = queue.submit.bind(queue);
  let done = 0;
  queue.submit = (...args) => {
    if (done++ === count) act();
    submit(...args);
  };
  return () => done;
}

const newTrainer = (): Trainer => new Trainer(tinyModel({ kit: layers }), tinyData(), TINY_OPTIONS);

describeBackends(
  'Trainer whose device is lost',
  () => {
    let undisturbed: Trainer;
    /** Submissions of work in a whole run. */
    let submissions = 0;

    beforeAll(async () => {
      const done = afterSubmissions(await openOwnDevice(), Infinity, () => undefined);
      undisturbed = newTrainer();
      const before = done();
      await undisturbed.run({ onLost: () => 'wasm' });
      submissions = done() - before;
    }, 120_000);

    test.each(Array.from({ length: LOSSES }, (_, index) => (index + 0.5) / LOSSES))(
      'goes on elsewhere after %d of the work, to the same result',
      async (moment) => {
        const device = await openOwnDevice();
        const trainer = newTrainer();
        afterSubmissions(device, Math.floor(moment * submissions), () => {
          device.destroy();
        });
        const losses: string[] = [];
        const finished = await trainer.run({
          onLost: ({ message }) => {
            losses.push(message);
            return 'wasm';
          },
        });
        expect(finished).toBe(true);
        expect(losses).toEqual([
          expect.stringMatching(/^Cannot train: the graphics device of webgpu must not be lost, /),
        ]);
        expect(tf.getBackend()).toBe('wasm');
        const { history } = trainer.state;
        expect(history.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
        for (const [index, record] of history.entries()) {
          const want = undisturbed.state.history[index]!;
          expect(Math.abs(record.loss - want.loss)).toBeLessThan(0.01);
          expect(Math.abs(record.testLoss - want.testLoss)).toBeLessThan(0.01);
        }
        trainer.dispose();
      },
      120_000,
    );

    test('ends with an error, instead of waiting, if it is not told where to go on', async () => {
      const device = await openOwnDevice();
      const trainer = newTrainer();
      const onStep = (): void => {
        device.destroy();
      };
      await expect(trainer.run({ onStep })).rejects.toThrow(
        'Cannot train: the graphics device of webgpu must not be lost',
      );
      trainer.dispose();
    }, 120_000);

    test('refuses to go on where it was', async () => {
      const device = await openOwnDevice();
      const trainer = newTrainer();
      const onStep = (): void => {
        device.destroy();
      };
      await expect(trainer.run({ onStep, onLost: () => 'webgpu' })).rejects.toThrow(
        /^Cannot train: onLost must return another backend that starts .* received backend = 'webgpu'$/,
      );
      trainer.dispose();
    }, 120_000);
  },
  { where: ({ name }) => name === 'webgpu' },
);
