/** Mismatched and corrupt checkpoints, and checkpoints that survive a process killed while writing. */
import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { CorruptFileError } from '../../src/errors.js';
import { decodeCheckpoint, encodeCheckpoint, resume, type Checkpoint } from '../../src/training/checkpoint.js';
import { loadCheckpoint, saveCheckpoint } from '../../src/training/checkpoint_file.js';
import { encodeSafetensors } from '../../src/support/safetensors.js';
import { Trainer, type TrainOptions } from '../../src/training/trainer.js';
import { MUTATION_KINDS, mutateAt, pathsOf } from '../support/json_mutations.js';
import { forgeCheckpoint, headerOf, signed } from './support/forge_checkpoint.js';
import { forgeOldCheckpoint, oldHeaderOf, signedOld } from './support/forge_old_checkpoint.js';
import { temporaryFolder } from './support/temporary_folder.js';
import { TINY_OPTIONS, tinyData, tinyModel, weightBits } from './support/tiny.js';

const inFolder = temporaryFolder();
const OPTIONS: TrainOptions = { ...TINY_OPTIONS, epochs: 1, augmentation: false };
/**
 * Version 0.1.0 wrote it: `new Trainer(tinyModel(), tinyData(), TINY_OPTIONS)` on cpu, stopped after three steps of its
 * second epoch.
 */
const OLD_FILE = path.join(__dirname, 'fixtures/checkpoint_0_1_0.bin');
let good: Buffer;

/** A layout of checkpoints, with a good one and ways to forge it. */
interface Layout {
  readonly layout: string;
  readonly bytes: () => Buffer;
  readonly options: TrainOptions;
  readonly headerOf: (bytes: Uint8Array) => Record<string, unknown>;
  readonly forge: (bytes: Uint8Array, header: string) => Buffer;
  readonly sign: (bytes: Buffer) => Buffer;
}

const LAYOUTS: readonly Layout[] = [
  {
    layout: 'safetensors',
    bytes: () => Buffer.from(good),
    options: OPTIONS,
    headerOf,
    forge: forgeCheckpoint,
    sign: signed,
  },
  {
    layout: 'version 0.1.0',
    bytes: () => fs.readFileSync(OLD_FILE),
    options: TINY_OPTIONS,
    headerOf: oldHeaderOf,
    forge: forgeOldCheckpoint,
    sign: (bytes) => signedOld(bytes.subarray(0, bytes.length - 32)),
  },
];

beforeAll(async () => {
  await tf.setBackend('cpu');
  const trainer = new Trainer(tinyModel(), tinyData(), OPTIONS);
  await trainer.run();
  await saveCheckpoint(inFolder('good.bin'), trainer, { answer: 42 });
  good = fs.readFileSync(inFolder('good.bin'));
});

describe('loadCheckpoint()', () => {
  test('returns options, state and notes', async () => {
    const { options, state, notes } = await loadCheckpoint(inFolder('good.bin'));
    expect(options).toEqual(OPTIONS);
    expect(notes).toEqual({ answer: 42 });
    expect([state.epoch, state.step, state.history.length]).toEqual([1, 0, 1]);
  });

  test('rejects a file that is not a checkpoint, and says so', async () => {
    for (const other of [
      Buffer.alloc(1000),
      Buffer.from('TFJSCONV'),
      encodeSafetensors({ metadata: {}, tensors: [] }),
    ]) {
      fs.writeFileSync(inFolder('other.bin'), other);
      await expect(loadCheckpoint(inFolder('other.bin'))).rejects.toThrow('must be a checkpoint of this package');
    }
  });
});

describe.each(LAYOUTS)('decodeCheckpoint() of $layout', ({ bytes }) => {
  test('rejects the file truncated anywhere', async () => {
    for (let i = 0; i <= 20; i++) {
      const length = Math.floor(((bytes().length - 1) * i) / 20);
      await expect(decodeCheckpoint(bytes().subarray(0, length), 'cut')).rejects.toThrow(CorruptFileError);
    }
  });

  test('rejects the file with any bit flipped', async () => {
    const { length } = bytes();
    // All of the first bytes, where lengths and the checksum are.
    const positions = [
      ...Array(160).keys(),
      ...Array.from({ length: 40 }, (_, i) => Math.floor(((length - 1) * i) / 39)),
    ];
    for (const [i, position] of positions.entries()) {
      const damaged = Buffer.from(bytes());
      damaged[position]! ^= 1 << (i % 8);
      await expect(decodeCheckpoint(damaged, 'damaged')).rejects.toThrow(CorruptFileError);
    }
  });
});

describe('decodeCheckpoint()', () => {
  test('rejects another format version, and says so', async () => {
    const header = headerOf(good) as { __metadata__: { version: string } };
    header.__metadata__.version = '3';
    const later = forgeCheckpoint(good, JSON.stringify(header));
    await expect(decodeCheckpoint(later, 'later')).rejects.toThrow('the format version must be 2 and is 3');
    const old = fs.readFileSync(OLD_FILE);
    old.writeUInt32LE(2, 8);
    await expect(decodeCheckpoint(old, 'old')).rejects.toThrow('the format version must be 1 and is 2');
  });

  test('rejects the file with any bit of its checksum flipped, or its digits in capitals', async () => {
    const start = good.indexOf('"checksum":"') + '"checksum":"'.length;
    const wrong = 'the file must be complete and undamaged (its checksum does not match)';
    for (let bit = 0; bit < 64 * 8; bit++) {
      const damaged = Buffer.from(good);
      damaged[start + (bit >> 3)]! ^= 1 << (bit & 7);
      await expect(decodeCheckpoint(damaged, 'damaged')).rejects.toThrow(wrong);
    }
    const capitals = Buffer.from(good);
    capitals.write(good.toString('latin1', start, start + 64).toUpperCase(), start);
    await expect(decodeCheckpoint(capitals, 'capitals')).rejects.toThrow(wrong);
  });
});

describe('resume()', () => {
  const tryResume = async (trainer: Trainer): Promise<void> =>
    resume(trainer, await loadCheckpoint(inFolder('good.bin')));

  test.each([
    ['architecture', (): Trainer => new Trainer(tinyModel({ filters: 5 }), tinyData(), OPTIONS)],
    ['data', (): Trainer => new Trainer(tinyModel(), tinyData(5), OPTIONS)],
    ['options', (): Trainer => new Trainer(tinyModel(), tinyData(), { ...OPTIONS, learningRate: 0.5 })],
  ])('rejects a run with another %s and leaves it unchanged', async (what, create) => {
    const trainer = create();
    const before = weightBits(trainer.model);
    await expect(tryResume(trainer)).rejects.toThrow(`the checkpoint must be of the same ${what}`);
    expect(weightBits(trainer.model)).toEqual(before);
    expect(trainer.state.epoch).toBe(0);
  });
});

describe.each(LAYOUTS)('a checkpoint of $layout with a matching checksum that this package did not write', (forged) => {
  const { layout, options } = forged;
  const original = forged.bytes;

  test('is rejected in one line that names the file, and changes nothing, whatever its header says', async () => {
    const header = forged.headerOf(original());
    // Of the tensors in a safetensors header, only the first weight and the last moment are tested.
    const tensors = layout === 'safetensors' ? Object.keys(header).slice(1) : [];
    const others = new Set<unknown>(tensors.slice(1, -1));
    const trainer = new Trainer(tinyModel({ seed: 8 }), tinyData(), options);
    const before = weightBits(trainer.model);
    const state = JSON.stringify(trainer.state);
    const moments = (await trainer.optimizer.getWeights()).length;
    let [refused, accepted] = [0, 0];
    for (const keys of pathsOf(header)) {
      // The notes may contain anything, and in version 0.1.0 a name of a weight is only a name.
      if (keys.includes('notes') || (keys[0] === 'weights' && keys.at(-1) === 'name') || others.has(keys[0])) continue;
      for (let kind = 0; kind < MUTATION_KINDS; kind++) {
        const { title, json } = mutateAt(header, keys, kind);
        if (json === JSON.stringify(header)) continue;
        let checkpoint: Checkpoint | undefined;
        try {
          checkpoint = await decodeCheckpoint(forged.forge(original(), json), 'forged.bin');
          await resume(trainer, checkpoint);
        } catch (error) {
          const { message } = error as Error;
          const where = `${title}: ${message}`;
          expect(where).toMatch(/: Cannot (read the checkpoint|resume): .*, received file = 'forged.bin'$/);
          expect(message.length).toBeLessThan(500);
          expect(error).toBeInstanceOf(CorruptFileError);
          refused++;
          // Decoding alone does not know the run.
          if (checkpoint === undefined) continue;
          expect(weightBits(trainer.model)).toEqual(before);
          expect(JSON.stringify(trainer.state)).toBe(state);
          expect(await trainer.optimizer.getWeights()).toHaveLength(moments);
          continue;
        }
        // Accepted changes: figures in the history and, in version 0.1.0, names of moments and a missing list of
        // trained weights.
        expect(`${title}${accepted}`).toMatch(
          layout === 'safetensors'
            ? /^__metadata__\.run\.state\.(history\.0\.\w+|lossSum|correct|seen|seconds): /
            : /^((state\.(history\.0\.\w+|lossSum|correct|seen|seconds)|moments\.\d+\.name): |trained: left out)/,
        );
        accepted++;
        await resume(trainer, await decodeCheckpoint(original(), 'good'));
        trainer.optimizer.dispose();
        trainer.model.setWeights(tinyModel({ seed: 8 }).getWeights());
        trainer.state = JSON.parse(state) as typeof trainer.state;
      }
    }
    expect(refused).toBeGreaterThan(1000);
    expect(accepted).toBeGreaterThan(0);
  });

  test('is rejected before anything is allocated if its tensors are larger than the file', async () => {
    const header = forged.headerOf(original());
    const { weights } = header as { weights?: object[] };
    Object.assign(weights?.[0] ?? Object.values(header)[1]!, { shape: [1e9] });
    const before = process.memoryUsage().arrayBuffers;
    const error: unknown = await decodeCheckpoint(forged.forge(original(), JSON.stringify(header)), 'huge').catch(
      (reason: unknown) => reason,
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 2 ** 20);
    expect((error as Error).message).toMatch(
      /(its tensors|tensor '\w+\/kernel') must have 4\d{9} bytes and (have|has) \d+, received file = 'huge'$/,
    );
  });

  test('is rejected if its header extends past the end of the file', async () => {
    for (const length of [original().length, 2 ** 31, 2 ** 32 - 1]) {
      const bytes = original();
      bytes.writeUInt32LE(length, layout === 'safetensors' ? 0 : 12);
      await expect(decodeCheckpoint(forged.sign(bytes), 'long')).rejects.toThrow('its header must end within the file');
    }
  });
});

describe('a forged checkpoint of safetensors', () => {
  const refusal = async (change: (header: ForgedHeader) => void): Promise<string> => {
    const header = headerOf(good) as unknown as ForgedHeader;
    change(header);
    const { message } = await decodeCheckpoint(forgeCheckpoint(good, JSON.stringify(header)), 'forged').then(
      () => new Error('it was read'),
      (error: unknown) => error as Error,
    );
    return message;
  };
  interface ForgedHeader {
    readonly __metadata__: { readonly run: { weights: string[]; moments: string[] } };
    readonly [name: string]: { dtype?: string; shape?: number[] } & object;
  }

  test('is rejected if it names a tensor twice, lacks one or has an extra one', async () => {
    const rule = 'its header must name each of its tensors once';
    expect(await refusal(({ __metadata__: { run } }) => run.weights.push(run.weights[0]!))).toMatch(rule);
    expect(await refusal(({ __metadata__: { run } }) => (run.moments[0] = run.weights[0]!))).toMatch(rule);
    expect(await refusal(({ __metadata__: { run } }) => run.moments.pop())).toMatch(rule);
    expect(await refusal(({ __metadata__: { run } }) => run.moments.push('another'))).toMatch(rule);
  });

  test('is rejected if its values are of another type', async () => {
    const change = (header: ForgedHeader): void => {
      header[header.__metadata__.run.weights[0]!]!.dtype = 'I32';
    };
    expect(await refusal(change)).toMatch(/its tensors must be of type F32 \('\w+\/kernel' is I32\)/);
  });
});

describe('resume() of the file that version 0.1.0 wrote', () => {
  test('ends with the bits of a run that was never stopped, and is the same when written as safetensors', async () => {
    const old = await loadCheckpoint(OLD_FILE);
    expect([old.state.epoch, old.state.step, old.notes]).toEqual([1, 3, { answer: 42 }]);
    const trainer = new Trainer(tinyModel({ seed: 8 }), tinyData(), TINY_OPTIONS);
    await resume(trainer, old);
    const rewritten = await decodeCheckpoint(await encodeCheckpoint(trainer, old.notes), 'rewritten');
    const contents = ({ weights, moments, state, options, notes, header }: Checkpoint): unknown => [
      [weights, moments, state, options, notes],
      [header.architecture, header.data, header.iterations, header.trained],
    ];
    expect(contents(rewritten)).toEqual(contents(old));
    const straight = new Trainer(tinyModel(), tinyData(), TINY_OPTIONS);
    await Promise.all([straight.run(), trainer.run()]);
    expect(weightBits(trainer.model)).toEqual(weightBits(straight.model));
    expect(trainer.state.history.map(({ loss, testLoss }) => [loss, testLoss])).toEqual(
      straight.state.history.map(({ loss, testLoss }) => [loss, testLoss]),
    );
  });
});

describe('resume() with other trained weights', () => {
  /** A run that trains only some weights, which the layers' settings do not show. */
  const partial = (frozen: readonly number[]): Trainer => {
    const model = tinyModel();
    // TensorFlow.js makes every weight trainable when it builds a sequential model, at the latest at its first call.
    model.predictOnBatch(tf.zeros([1, 8, 8, 1]));
    for (const index of frozen) Object.assign(model.layers[index]!.weights[0]!, { trainable: false });
    return new Trainer(model, tinyData(), OPTIONS);
  };
  const stopped = async (trainer: Trainer): Promise<Uint8Array> => {
    const controller = new AbortController();
    const onStep = (): void => {
      controller.abort();
    };
    await trainer.run({ signal: controller.signal, onStep });
    return encodeCheckpoint(trainer);
  };

  test.each([
    ['fewer', [] as number[], [0], 0],
    ['more', [0, 1], [0], 1],
    ['others of equal number', [0], [1], 0],
  ])('rejects %s in one line and leaves the run unchanged', async (_, before, after, index) => {
    const checkpoint = await decodeCheckpoint(await stopped(partial(before)), 'some');
    const trainer = partial(after);
    const bits = weightBits(trainer.model);
    const weight = trainer.model.layers[index]!.name + (index === 0 ? '/kernel' : '/gamma');
    await expect(resume(trainer, checkpoint)).rejects.toThrow(
      `Cannot resume: the checkpoint must be of the same trained weights ('${weight}' differs), received file = 'some'`,
    );
    expect(weightBits(trainer.model)).toEqual(bits);
    expect([trainer.optimizer.iterations, (await trainer.optimizer.getWeights()).length]).toEqual([0, 1]);
  });

  test('resumes with the same ones, and from a file of version 0.1.0, which does not list them', async () => {
    for (const isOld of [false, true]) {
      const straight = partial([0]);
      const checkpoint = await decodeCheckpoint(await stopped(straight), 'some');
      if (isOld) delete (checkpoint.header as { trained?: unknown }).trained;
      const trainer = partial([0]);
      await resume(trainer, checkpoint);
      await Promise.all([straight.run(), trainer.run()]);
      expect(weightBits(trainer.model)).toEqual(weightBits(straight.model));
    }
  });

  test('takes only the moments of the trained weights from an optimizer that updated others too', async () => {
    const trainer = partial([]);
    const other = tf.variable(tf.ones([2]));
    trainer.optimizer.minimize(() => tf.sum(tf.square(other)).asScalar(), false, [other]);
    const checkpoint = await decodeCheckpoint(await stopped(trainer), 'some');
    expect(checkpoint.moments.length).toBe(2 * trainer.variables.length);
    other.dispose();
  });
});

describe('saveCheckpoint()', () => {
  test('keeps the last checkpoint and leaves no other file if writing fails', async () => {
    const trainer = new Trainer(tinyModel(), tinyData(), OPTIONS);
    const before = fs.readdirSync(inFolder());
    fs.writeFileSync(inFolder('kept.bin'), good);
    const full = Object.assign(new Error('ENOSPC: no space left on device, rename'), {
      code: 'ENOSPC',
      syscall: 'rename',
    });
    const rename = jest.spyOn(fs.promises, 'rename').mockRejectedValue(full);
    await expect(saveCheckpoint(inFolder('kept.bin'), trainer)).rejects.toThrow(
      `Cannot write the file: the disk must have space left (free some, then try again), received file = '${inFolder('kept.bin')}'`,
    );
    rename.mockRestore();
    expect(fs.readFileSync(inFolder('kept.bin')).equals(good)).toBe(true);
    await saveCheckpoint(inFolder('kept.bin'), trainer);
    expect((await loadCheckpoint(inFolder('kept.bin'))).state.epoch).toBe(0);
    expect(fs.readdirSync(inFolder()).sort()).toEqual([...before, 'kept.bin'].sort());
  });
});

describe('encodeCheckpoint()', () => {
  test('gives all weights, and moments of the trained ones, distinct names even if layers share a name', async () => {
    const inner = (units: number): tf.Sequential =>
      tf.sequential({ layers: [tf.layers.dense({ name: 'same', units, inputShape: [units], useBias: false })] });
    const model = tf.sequential();
    model.add(tf.layers.flatten({ inputShape: [8, 8, 1] }));
    for (const units of [64, 64]) model.add(inner(units));
    model.add(tf.layers.dense({ name: 'classes', units: 3, activation: 'softmax', useBias: false }));
    const trainer = new Trainer(model, tinyData(), OPTIONS);
    await trainer.run();
    const { header } = await decodeCheckpoint(await encodeCheckpoint(trainer), 'nested');
    const names = ['same/kernel', 'same/kernel_1', 'classes/kernel'];
    expect(header.weights.map(({ name }) => name)).toEqual(names);
    const moments = ['m', 'v'].flatMap((slot) => names.map((name) => `optimizer/${slot}/${name}`));
    expect(header.moments.map(({ name }) => name)).toEqual(moments);
  });
});

describe('encodeCheckpoint() and decodeCheckpoint()', () => {
  test('round-trip the bytes of a file to the same run', async () => {
    const trainer = new Trainer(tinyModel({ seed: 8 }), tinyData(), OPTIONS);
    await resume(trainer, await decodeCheckpoint(good, 'good'));
    const bytes = await encodeCheckpoint(trainer, { answer: 42 });
    await saveCheckpoint(inFolder('again.bin'), trainer, { answer: 42 });
    expect(fs.readFileSync(inFolder('again.bin')).equals(bytes)).toBe(true);
    const before = await decodeCheckpoint(good, 'good');
    const after = await decodeCheckpoint(bytes, 'again');
    expect([after.weights, after.moments, after.state]).toEqual([before.weights, before.moments, before.state]);
  });

  test('explain in a page without cryptography what the page needs', async () => {
    const { crypto } = globalThis;
    Object.defineProperty(globalThis, 'crypto', { value: {}, configurable: true });
    try {
      await expect(decodeCheckpoint(good, 'good')).rejects.toThrow('only to pages loaded over https or from localhost');
    } finally {
      Object.defineProperty(globalThis, 'crypto', { value: crypto, configurable: true });
    }
  });
});
