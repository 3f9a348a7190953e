/** Runs whose graphics device is lost on the way, at moments spread over the run. */
import * as tf from '@tensorflow/tfjs';
import { layers } from '../../src/index.js';
import { Trainer } from '../../src/training/trainer.js';
import { describeBackends } from '../support/backends.js';
import { TINY_OPTIONS, tinyData, tinyModel } from './support/tiny.js';

/** A graphics device that can be lost. */
interface Losable {
  /** Loses it. */
  readonly lose: () => void;
  /** Calls back at the call of the device after so many others; returns their number so far. */
  readonly after: (count: number, act: () => void) => () => number;
}

type Method = (...args: unknown[]) => unknown;

interface Device {
  readonly queue: { submit: Method };
  readonly destroy: () => void;
}

interface Gpu {
  readonly instance: { readonly requestAdapter: () => Promise<unknown> };
}

/** Counts the calls of a method. */
function countCalls<Name extends string>(owner: Record<Name, Method>, name: Name): Losable['after'] {
  return (count, act) => {
    const method = owner[name].bind(owner);
    let done = 0;
    owner[name] = (...args) => {
      if (done++ === count) act();
      return method(...args);
    };
    return () => done;
  };
}

function restart(name: string): void {
  const factory = tf.findBackendFactory(name);
  tf.removeBackend(name);
  tf.registerBackend(name, factory);
}

/** Makes webgl the active backend; the host creates a new context if the last one was lost. */
async function openContext(): Promise<Losable> {
  restart('webgl');
  await tf.setBackend('webgl');
  const { gl } = (tf.backend() as unknown as { readonly gpgpu: { readonly gl: WebGL2RenderingContext } }).gpgpu;
  const lose = (): void => {
    gl.getExtension('WEBGL_lose_context')!.loseContext();
  };
  // The host waits by fences for what it reads.
  return { lose, after: countCalls(gl as unknown as Record<'fenceSync', Method>, 'fenceSync') };
}

/** Makes webgpu the active backend, on a device of its own: tests share one otherwise. */
async function openDevice(): Promise<Losable> {
  const { instance } = (navigator as unknown as { readonly gpu: Gpu }).gpu;
  restart('webgpu');
  const shared = Object.getOwnPropertyDescriptor(globalThis, 'navigator')!;
  const gpu = { requestAdapter: () => instance.requestAdapter() };
  Object.defineProperty(globalThis, 'navigator', { ...shared, value: { gpu } });
  try {
    await tf.setBackend('webgpu');
  } finally {
    Object.defineProperty(globalThis, 'navigator', shared);
  }
  const { device } = tf.backend() as unknown as { readonly device: Device };
  const lose = (): void => {
    device.destroy();
  };
  return { lose, after: countCalls(device.queue, 'submit') };
}

interface Kind {
  readonly open: () => Promise<Losable>;
  readonly elsewhere: string;
  /** Number of moments; each takes ten seconds on a software renderer, which compiles all shaders for each device. */
  readonly losses: number;
}

/** By backend; a page has no threads to go on with, and page/test loses more devices there. */
const KINDS: Readonly<Record<string, Kind>> = {
  webgpu: { open: openDevice, elsewhere: 'wasm', losses: 3 },
  webgl: { open: openContext, elsewhere: 'cpu', losses: 1 },
};

const newTrainer = (): Trainer => new Trainer(tinyModel({ kit: layers }), tinyData(), TINY_OPTIONS);

describeBackends(
  'Trainer whose device is lost',
  ({ name }) => {
    const { open, elsewhere, losses } = KINDS[name]!;
    const moments = Number(process.env['LOSSES'] ?? losses);
    let undisturbed: Trainer;
    /** Calls of the device in a whole run. */
    let calls = 0;

    beforeAll(async () => {
      const done = (await open()).after(Infinity, () => undefined);
      undisturbed = newTrainer();
      const before = done();
      await undisturbed.run({ onLost: () => elsewhere });
      calls = done() - before;
    }, 120_000);

    test.each(Array.from({ length: moments }, (_, index) => (index + 0.5) / moments))(
      'goes on elsewhere after %d of the work, to the same result',
      async (moment) => {
        const { after, lose } = await open();
        const trainer = newTrainer();
        after(Math.floor(moment * calls), lose);
        const messages: string[] = [];
        const finished = await trainer.run({
          onLost: ({ message }) => {
            messages.push(message);
            return elsewhere;
          },
        });
        expect(finished).toBe(true);
        expect(messages).toEqual([
          expect.stringContaining(`Cannot train: the graphics device of ${name} must not be lost, `),
        ]);
        expect(tf.getBackend()).toBe(elsewhere);
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
      const { lose } = await open();
      const trainer = newTrainer();
      await expect(trainer.run({ onStep: lose })).rejects.toThrow(
        `Cannot train: the graphics device of ${name} must not be lost`,
      );
      trainer.dispose();
    }, 120_000);

    // This does not depend on the device.
    if (name !== 'webgpu') return;
    test('refuses to go on where it was', async () => {
      const { lose } = await open();
      const trainer = newTrainer();
      await expect(trainer.run({ onStep: lose, onLost: () => name })).rejects.toThrow(
        /^Cannot train: onLost must return another backend that starts .* received backend = 'webgpu'$/,
      );
      trainer.dispose();
    }, 120_000);
  },
  { where: ({ name }) => name in KINDS },
);
