/** Keras files that are refused, and files that this package writes. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { strToU8, zipSync } from 'fflate';
import { CorruptFileError } from '../../src/errors.js';
import * as conv from '../../src/index.js';
import { writeHdf5 } from '../../src/interop/hdf5.js';
import { loadKerasWeights, saveKerasWeights } from '../../src/interop/index.js';
import { Random } from '../support/random.js';
import { endlessHdf5 } from './support/endless_hdf5.js';
import { FILES, failure, fixture, randomize, small, weightsOf } from './support/small_model.js';

let folder: string;
beforeAll(async () => {
  await tf.setBackend('wasm');
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'keras-weights-'));
});
afterAll(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

describe('loadKerasWeights() refuses', () => {
  const complete = fixture('keras_3_15.weights.h5.gz');
  const archive = fixture('keras_3_15.keras.gz');
  const other = zipSync({ 'model.weights.json': strToU8('{}'), 'config.json': strToU8('{}') }, { level: 0 });
  const strange = zipSync({ 'model.weights.h5': complete, 'config.json': strToU8('{"config":{"layers":[{}]}}') });
  const damaged = zipSync({ 'model.weights.h5': strToU8('weights'), 'config.json': strToU8('{}') }, { level: 0 });

  test.each([
    ['an empty file', new Uint8Array(0), 'the file must be HDF5 or a .keras archive'],
    ['a file of another kind', strToU8('<html></html>'), 'the file must be HDF5 or a .keras archive'],
    ['a truncated HDF5 file', complete.slice(0, 20_000), 'the file must be complete, valid HDF5'],
    ['an archive that is cut short', archive.slice(0, 20_000), 'the archive must be complete'],
    ['an archive of shards', other, 'the archive must be complete and contain config.json and model.weights.h5'],
    ['an archive whose configuration is none', strange, 'config.json must describe the layers of the model'],
    ['an archive of something else', damaged, 'the file must be HDF5'],
  ])('%s, in one line and with nothing on stderr', async (_, bytes, rule) => {
    const said = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const file = path.join(folder, 'refused');
    fs.writeFileSync(file, bytes);
    const model = small();
    const before = weightsOf(model);
    const error = await failure(loadKerasWeights(model, file));
    expect(error).toBeInstanceOf(CorruptFileError);
    expect(error.message).toContain(rule);
    expect(error.message).toContain(`received file = '${file}'`);
    expect(error.message).not.toContain('\n');
    expect(weightsOf(model)).toEqual(before);
    expect(said).not.toHaveBeenCalled();
    said.mockRestore();
    model.dispose();
  });

  test('a file that the HDF5 library reads forever, once its time is up', async () => {
    const file = path.join(folder, 'endless.h5');
    fs.writeFileSync(file, endlessHdf5());
    const model = small();
    const before = weightsOf(model);
    const error = await failure(loadKerasWeights(model, file));
    expect(error).toBeInstanceOf(CorruptFileError);
    expect(error.message).toBe(
      `Cannot load Keras weights: the file must be read within 9 s, received file = '${file}'`,
    );
    expect(weightsOf(model)).toEqual(before);
    model.dispose();
  }, 60_000);

  test('any corruption of a file, and leaves the model unchanged', async () => {
    const random = new Random(5);
    const model = small();
    let before = weightsOf(model);
    const kinds = new Set<string>();
    for (const file of FILES) {
      for (let round = 0; round < 4; round++) {
        const bytes = Uint8Array.from(fixture(file));
        const start = random.integer(0, bytes.length - 1);
        bytes.fill(random.integer(0, 255), start, start + random.integer(1, 64));
        const corrupt = round % 4 === 0 ? bytes.slice(0, start) : bytes;
        try {
          await loadKerasWeights(model, corrupt);
          before = weightsOf(model); // only values were corrupted, or ignored data
        } catch (error) {
          kinds.add((error as Error).name);
          expect(weightsOf(model)).toEqual(before);
        }
      }
    }
    expect(kinds).toContain('CorruptFileError');
    expect([...kinds].filter((kind) => !['CorruptFileError', 'KerasWeightsError'].includes(kind))).toEqual([]);
    model.dispose();
  }, 300_000);

  test('every archive with a bit flipped in its contents, and loads the others to the same weights', async () => {
    const model = small();
    await loadKerasWeights(model, archive);
    const want = weightsOf(model);
    const random = new Random(6);
    const counts = { refused: 0, equal: 0 };
    for (let round = 0; round < 300; round++) {
      const bytes = Uint8Array.from(archive);
      bytes[random.integer(0, bytes.length - 1)]! ^= 1 << random.integer(0, 7);
      const error = await loadKerasWeights(model, bytes).then(
        () => undefined,
        (reason: unknown) => reason as Error,
      );
      expect(weightsOf(model)).toEqual(want);
      if (error === undefined) counts.equal++;
      else {
        expect(error).toBeInstanceOf(CorruptFileError);
        counts.refused++;
      }
    }
    expect(counts.refused).toBeGreaterThan(counts.equal);
    model.dispose();
  });

  test('an archive that decompresses to more than weights could', async () => {
    const bomb = zipSync({ 'model.weights.h5': new Uint8Array(2 ** 27), 'config.json': strToU8('{}') });
    const model = small();
    await expect(loadKerasWeights(model, bomb)).rejects.toThrow(
      `an archive of ${bomb.length} bytes must decompress to at most`,
    );
    model.dispose();
  });

  test('an HDF5 file of another program', async () => {
    const bytes = await writeHdf5('test', { arrays: { x: { shape: [2], values: Float32Array.of(1, 2) } } });
    const model = small();
    const error = await failure(loadKerasWeights(model, bytes));
    expect(error.message).toBe(
      `Cannot load Keras weights: the file must contain Keras weights, received file = '${bytes.length} bytes'`,
    );
    model.dispose();
  });

  test('a missing file, an argument of the wrong type, an unknown option', async () => {
    const model = small();
    await expect(loadKerasWeights(model, path.join(folder, 'absent.h5'))).rejects.toThrow(RangeError);
    await expect(loadKerasWeights(model, folder)).rejects.toThrow('it must be a regular file');
    await expect(loadKerasWeights(model, 7 as unknown as string)).rejects.toThrow(TypeError);
    await expect(loadKerasWeights(model, complete, { byName: true } as object)).rejects.toThrow(
      'the options are skipMismatch, received byName = true',
    );
    await expect(loadKerasWeights(model, complete, { skipMismatch: 1 } as object)).rejects.toThrow(TypeError);
    model.dispose();
  });
});

describe('saveKerasWeights()', () => {
  test('writes what loadKerasWeights() reads, bit for bit, and nothing else', async () => {
    const target = path.join(folder, 'saved');
    fs.mkdirSync(target);
    const file = path.join(target, 'small.weights.h5');
    const [from, to] = [small(), small()];
    randomize(from);
    const tensors = tf.memory().numTensors;
    await saveKerasWeights(to, file);
    await saveKerasWeights(from, file);
    expect(fs.readdirSync(target)).toEqual(['small.weights.h5']);
    await loadKerasWeights(to, file);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(Object.values(weightsOf(to))).toEqual(Object.values(weightsOf(from)));
    [from, to].forEach((model) => model.dispose());
  });

  test('saves layers that Keras does not have', async () => {
    const make = (): tf.LayersModel =>
      conv.mobileNetV1({ inputShape: [32, 32, 3], alpha: 1 / 16, classes: 3, deformable: { last: 2 } });
    const [from, to] = [make(), make()];
    const file = path.join(folder, 'deformable.weights.h5');
    randomize(from);
    await saveKerasWeights(from, file);
    expect((await loadKerasWeights(to, file)).loaded).toBe(from.weights.length);
    expect(weightsOf(to)).toEqual(weightsOf(from));
    [from, to].forEach((model) => model.dispose());
  });

  test('saves a layer only once if it is used twice', async () => {
    const shared = conv.layers.conv2d({ name: 'shared', filters: 2, kernelSize: 1 });
    const input = tf.input({ shape: [3, 3, 2] });
    const model = tf.model({ inputs: input, outputs: shared.apply(shared.apply(input)) as tf.SymbolicTensor });
    const file = path.join(folder, 'shared.weights.h5');
    await saveKerasWeights(model, file);
    expect((await loadKerasWeights(model, file)).loaded).toBe(2);
    model.dispose();
  });

  test('refuses names that Keras refuses', async () => {
    const model = small();
    await expect(saveKerasWeights(model, path.join(folder, 'small.h5'))).rejects.toThrow(
      'the file name must end in .weights.h5',
    );
    await expect(saveKerasWeights(model, path.join(folder, 'small.keras'))).rejects.toThrow(RangeError);
    await expect(saveKerasWeights(model, 7 as unknown as string)).rejects.toThrow(TypeError);
    model.dispose();
  });

  test('refuses kernels in half precision', async () => {
    const packed = tf.sequential({
      layers: [conv.layers.pointwiseConv2d({ filters: 2, precision: 'half', inputShape: [1, 1, 1] })],
    });
    await expect(saveKerasWeights(packed, path.join(folder, 'small.weights.h5'))).rejects.toThrow(
      'weights must be float32, not packed in half precision',
    );
    packed.dispose();
  });
});
