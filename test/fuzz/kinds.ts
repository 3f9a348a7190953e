/** Kinds of files that are damaged and loaded: a valid file of each, its damage, and the result of a load. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as tf from '@tensorflow/tfjs';
import { strToU8, unzipSync, zipSync } from 'fflate';
import * as conv from '../../src/index.js';
import {
  exportOnnx,
  exportSafetensors,
  loadKeras,
  loadKerasWeights,
  loadOnnx,
  loadSafetensors,
} from '../../src/interop/index.js';
import { decodeCheckpoint, resume } from '../../src/training/checkpoint.js';
import { loadCheckpoint, saveCheckpoint } from '../../src/training/checkpoint_file.js';
import { readIdx } from '../../src/training/idx.js';
import { readImage } from '../../src/training/decode_image.js';
import { loadModel, saveModel } from '../../src/training/model_files.js';
import { Trainer } from '../../src/training/trainer.js';
import { small } from '../interop/support/small_model.js';
import { writeImage } from '../training/support/image_files.js';
import { writeIdx } from '../training/support/idx_files.js';
import { forgeCheckpoint, headerOf } from '../training/support/forge_checkpoint.js';
import { forgeOldCheckpoint, oldHeaderOf } from '../training/support/forge_old_checkpoint.js';
import type { Random } from '../support/random.js';
import { TINY_OPTIONS, tinyData, tinyModel } from '../training/support/tiny.js';
import { commandLines } from './command_lines.js';
import { imageFolder } from './image_folders.js';
import { BrokenRule, type Kind, type Prepare } from './kind.js';
import { mutateBytes, mutateJson } from './mutations.js';

function digest(...parts: readonly (string | ArrayBufferView)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    hash.update(typeof part === 'string' ? part : new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  }
  return hash.digest('hex');
}

function weightsDigest(model: tf.LayersModel): string {
  return digest(...model.weights.map((weight) => weight.read().dataSync()));
}

function ofBytes(file: string, load: () => Promise<string>, isPromised: boolean, headerBytes?: number): Kind {
  const good = new Uint8Array(fs.readFileSync(file));
  return { load, isPromised, ...writing(file, (random) => mutateBytes(good, random, headerBytes)) };
}

/** Damage that is written to a file. */
function writing(file: string, mutate: (random: Random) => Uint8Array): Pick<Kind, 'damage'> {
  return {
    damage: (random) => {
      const bytes = mutate(random);
      fs.writeFileSync(file, bytes);
      return { bytes: bytes.length };
    },
  };
}

const DECODING = { height: 16, width: 16, channels: 3, fit: 'crop', background: [255, 255, 255] } as const;
const IDX_SHAPE = [20, 7, 5];

function idx(isPacked: boolean): Prepare {
  return (folder) => {
    const name = path.join(folder, 'images-idx3-ubyte');
    const values = Uint8Array.from({ length: 700 }, (_, index) => (index * 31) % 256);
    writeIdx(name, IDX_SHAPE, values, isPacked);
    const file = isPacked ? `${name}.gz` : name;
    const load = async (): Promise<string> => {
      const { shape, values: read } = await readIdx(file, 3);
      return digest(shape.join(), read);
    };
    return Promise.resolve(ofBytes(file, load, isPacked, 16));
  };
}

function image(format: string): Prepare {
  return async (folder) => {
    const file = path.join(folder, `image.${format}`);
    await writeImage(file, 'noise', 40);
    return ofBytes(file, async () => digest(await readImage(file, DECODING)), false);
  };
}

async function loadedModel(folder: string): Promise<string> {
  const model = await loadModel(folder);
  try {
    return digest(
      JSON.stringify(model.toJSON(null, false)),
      JSON.stringify({ metadata: model.getUserDefinedMetadata() }),
      weightsDigest(model),
    );
  } finally {
    for (const weight of model.weights) weight.dispose();
  }
}

function modelFile(file: 'model.json' | 'weights.bin', isSigned: boolean): Prepare {
  return async (folder) => {
    await saveModel(tinyModel(), folder);
    const place = path.join(folder, file);
    const kind = ofBytes(place, () => loadedModel(folder), isSigned, 2048);
    if (isSigned) return kind;
    const document = JSON.parse(fs.readFileSync(place, 'utf8')) as Record<string, unknown>;
    delete document['topologyChecksum'];
    return { ...kind, ...writing(place, (random) => Buffer.from(mutateJson(document, random))) };
  };
}

function keras(fixture: string, isPromised: boolean): Prepare {
  return async (folder) => {
    // Each load starts a worker: as long as this thread holds the library, they share its compiled code.
    await import('h5wasm').then(({ ready }) => ready);
    const file = path.join(folder, fixture.replace(/\.gz$/, ''));
    fs.writeFileSync(file, gunzipSync(fs.readFileSync(path.join(__dirname, '../interop/fixtures', fixture))));
    const target = small();
    const load = async (): Promise<string> => {
      await loadKerasWeights(target, file);
      return weightsDigest(target);
    };
    return ofBytes(file, load, isPromised, 4096);
  };
}

/** A whole model, of which either any byte is damaged, or the description, with a checksum that fits. */
function kerasModel(fixture: string, isForged: boolean): Prepare {
  return async (folder) => {
    await import('h5wasm').then(({ ready }) => ready);
    const file = path.join(folder, fixture.replace(/\.gz$/, ''));
    const good = gunzipSync(fs.readFileSync(path.join(__dirname, '../interop/fixtures', fixture)));
    fs.writeFileSync(file, good);
    const load = async (): Promise<string> => {
      const model = await loadKeras(file);
      try {
        return digest(JSON.stringify(model.toJSON(null, false)), weightsDigest(model));
      } finally {
        for (const weight of model.weights) weight.dispose();
      }
    };
    const kind = ofBytes(file, load, false, 4096);
    if (!isForged) return kind;
    const entries = unzipSync(good);
    const config = JSON.parse(Buffer.from(entries['config.json']!).toString()) as Record<string, unknown>;
    return {
      ...kind,
      ...writing(file, (random) =>
        zipSync({ ...entries, 'config.json': strToU8(mutateJson(config, random)) }, { level: 0 }),
      ),
    };
  };
}

/** Weights by name, of which either any byte is damaged, or the header, in valid JSON. */
function safetensors(isForged: boolean): Prepare {
  return (folder) => {
    const file = path.join(folder, 'model.safetensors');
    const target = small();
    const good = exportSafetensors(target, { names: 'keras' });
    fs.writeFileSync(file, good);
    const load = async (): Promise<string> => {
      const before = weightsDigest(target);
      await loadSafetensors(target, file, { names: 'keras' }).catch((error: unknown) => {
        if (weightsDigest(target) !== before) throw new BrokenRule('changed the model before it failed');
        throw error;
      });
      return weightsDigest(target);
    };
    const kind = ofBytes(file, load, false, 512);
    if (!isForged) return Promise.resolve(kind);
    const headerBytes = Number(new DataView(good.buffer, good.byteOffset).getBigUint64(0, true));
    const header = JSON.parse(Buffer.from(good.subarray(8, 8 + headerBytes)).toString()) as Record<string, unknown>;
    const forge = (random: Random): Uint8Array => {
      const json = Buffer.from(mutateJson(header, random));
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(json.length));
      return Buffer.concat([length, json, good.subarray(8 + headerBytes)]);
    };
    return Promise.resolve({ ...kind, ...writing(file, forge) });
  };
}

function onnx(): Prepare {
  return async (folder) => {
    const file = path.join(folder, 'model.onnx');
    const model = tf.sequential({
      layers: [
        conv.layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', inputShape: [6, 6, 2], name: 'first' }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 3, activation: 'softmax', name: 'last' }),
      ],
    });
    fs.writeFileSync(file, await exportOnnx(model));
    const load = async (): Promise<string> => {
      const loaded = await loadOnnx(file);
      try {
        return digest(JSON.stringify(loaded.toJSON(null, false)), weightsDigest(loaded));
      } finally {
        for (const weight of loaded.weights) weight.dispose();
      }
    };
    return ofBytes(file, load, false, 2048);
  };
}

function checkpoint(isForged: boolean, isOld = false): Prepare {
  return async (folder) => {
    const options = isOld ? TINY_OPTIONS : ({ ...TINY_OPTIONS, epochs: 1, augmentation: false } as const);
    const file = path.join(folder, 'checkpoint.bin');
    if (isOld) {
      fs.copyFileSync(path.join(__dirname, '../training/fixtures/checkpoint_0_1_0.bin'), file);
    } else {
      const first = new Trainer(tinyModel(), tinyData(), options);
      await first.run();
      await saveCheckpoint(file, first, { answer: 42 });
    }
    const load = async (): Promise<string> => {
      const trainer = new Trainer(tinyModel({ seed: 8 }), tinyData(), options);
      const before = weightsDigest(trainer.model);
      try {
        const read = await loadCheckpoint(file);
        await resume(trainer, read).catch((error: unknown) => {
          if (weightsDigest(trainer.model) !== before) {
            throw new Error('resume() changed the model before it failed', { cause: error });
          }
          throw error;
        });
        return digest(weightsDigest(trainer.model), JSON.stringify(trainer.state), JSON.stringify(read.notes));
      } finally {
        trainer.dispose();
        for (const weight of trainer.model.weights) weight.dispose();
      }
    };
    const kind = ofBytes(file, load, !isForged, isOld ? undefined : 128);
    if (!isForged) return kind;
    const good = new Uint8Array(fs.readFileSync(file));
    await decodeCheckpoint(good, file);
    const [header, forge] = isOld ? [oldHeaderOf(good), forgeOldCheckpoint] : [headerOf(good), forgeCheckpoint];
    return { ...kind, ...writing(file, (random) => forge(good, mutateJson(header, random))) };
  };
}

/** All kinds by name. */
export const KINDS: Readonly<Record<string, Prepare>> = {
  idx: idx(false),
  gzip: idx(true),
  png: image('png'),
  jpg: image('jpg'),
  webp: image('webp'),
  gif: image('gif'),
  tiff: image('tiff'),
  'model.json': modelFile('model.json', true),
  'model.json-unsigned': modelFile('model.json', false),
  'weights.bin': modelFile('weights.bin', true),
  'weights.h5': keras('keras_3_15.weights.h5.gz', false),
  h5: keras('keras_2.h5.gz', false),
  keras: keras('keras_3_15.keras.gz', true),
  'keras-model': kerasModel('keras_3_15.keras.gz', false),
  'keras-model-forged': kerasModel('keras_3_15.keras.gz', true),
  safetensors: safetensors(false),
  'safetensors-forged': safetensors(true),
  onnx: onnx(),
  checkpoint: checkpoint(false),
  'checkpoint-forged': checkpoint(true),
  'checkpoint-0.1': checkpoint(false, true),
  'checkpoint-0.1-forged': checkpoint(true, true),
  'image-folder': imageFolder,
  'command-line': commandLines,
};
