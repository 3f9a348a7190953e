/** Checkpoints in the hands of Python, and files of Python read here, bit for bit. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { decodeSafetensors, encodeSafetensors } from '../../src/support/safetensors.js';
import { decodeCheckpoint } from '../../src/training/checkpoint.js';
import { saveCheckpoint } from '../../src/training/checkpoint_file.js';
import { Trainer } from '../../src/training/trainer.js';
import { temporaryFolder } from '../training/support/temporary_folder.js';
import { TINY_OPTIONS, tinyData, tinyModel } from '../training/support/tiny.js';

const PACKAGES = path.resolve(__dirname, '../../.python/keras');
const absence = fs.existsSync(path.join(PACKAGES, 'safetensors'))
  ? undefined
  : 'safetensors for Python is not installed: npm run setup -- keras';

/** A file as Python sees it. */
interface PythonFile {
  readonly metadata: Readonly<Record<string, string>>;
  /** Checksum of the file with '0' in place of the digits of its checksum. */
  readonly sha256: string;
  readonly tensors: Readonly<
    Record<string, { readonly type: string; readonly shape: readonly number[]; readonly bytes: string }>
  >;
}

function python(action: 'read' | 'write', file: string): PythonFile {
  const script = path.join(__dirname, 'support/safetensors_files.py');
  const env = { ...process.env, PYTHONPATH: PACKAGES, PYTHONNOUSERSITE: '1' };
  return JSON.parse(execFileSync('python3', [script, action, file], { env, encoding: 'utf8' })) as PythonFile;
}

function base64(values: ArrayBufferView): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
}

const inFolder = temporaryFolder();
const suite = absence === undefined ? describe : describe.skip;

suite(absence === undefined ? 'safetensors [keras]' : `safetensors [keras: skipped, ${absence}]`, () => {
  test('Python reads every tensor and the metadata of a checkpoint, and computes its checksum', async () => {
    await tf.setBackend('cpu');
    const trainer = new Trainer(tinyModel(), tinyData(), { ...TINY_OPTIONS, epochs: 1 });
    await trainer.run();
    const file = inFolder('checkpoint.bin');
    await saveCheckpoint(file, trainer, { answer: 'é' });
    const checkpoint = await decodeCheckpoint(fs.readFileSync(file), file);

    const { metadata, sha256, tensors } = python('read', file);
    const { header, weights, moments } = checkpoint;
    const entries = [...header.weights, ...header.moments];
    const values = [...weights, ...moments];
    expect(entries.length).toBe(trainer.model.weights.length + 2 * trainer.variables.length);
    expect(tensors).toEqual(
      Object.fromEntries(
        entries.map(({ name, shape }, i) => [name, { type: 'float32', shape, bytes: base64(values[i]!) }]),
      ),
    );
    const [kernel] = trainer.model.getWeights();
    expect(tensors[entries[0]!.name]!.bytes).toBe(base64(await kernel!.data()));

    expect(metadata['checksum']).toBe(sha256);
    expect([metadata['format'], metadata['version']]).toEqual(['tfjs-convolutions checkpoint', '2']);
    const run = JSON.parse(metadata['run']!) as Record<string, unknown>;
    expect(run).toMatchObject({ options: trainer.options, state: trainer.state, notes: { answer: 'é' } });
    expect([run['weights'], run['moments']]).toEqual([header.weights, header.moments].map((l) => l.map((e) => e.name)));
  });

  test('tensors of every type of NumPy are read as Python wrote them, and Python reads them when written again', () => {
    const file = inFolder('python.safetensors');
    const written = python('write', file);
    const fail = (rule: string): never => {
      throw new Error(rule);
    };
    const read = decodeSafetensors(fs.readFileSync(file), fail);
    expect(read.metadata).toEqual({ from: 'Python', é: 'ü' });
    expect(Object.fromEntries(read.tensors.map(({ name, shape, bytes }) => [name, [shape, base64(bytes)]]))).toEqual(
      Object.fromEntries(Object.entries(written.tensors).map(([name, { shape, bytes }]) => [name, [shape, bytes]])),
    );
    const again = inFolder('again.safetensors');
    fs.writeFileSync(again, encodeSafetensors(read));
    const { metadata, tensors } = python('read', again);
    expect([metadata, tensors]).toEqual([written.metadata, written.tensors]);
    expect(Object.keys(tensors)).toHaveLength(14);
  });
});
