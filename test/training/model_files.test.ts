/** Model files: round trip, the host's own loader over HTTP, and damaged files. */
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import * as tf from '@tensorflow/tfjs';
import { CorruptFileError } from '../../src/errors.js';
import { fileHandler, loadModel, saveModel } from '../../src/training/model_files.js';
import { describeBackends } from '../support/backends.js';
import { scoped } from '../support/scoped.js';
import { temporaryFolder } from './support/temporary_folder.js';
import { tinyData, tinyModel } from './support/tiny.js';
import { batchPixels } from '../../src/training/dataset.js';

const inFolder = temporaryFolder();

/** Objects of `fetch` are of the realm outside the tests, where the host's `instanceof Array` does not hold. */
async function fetchInThisRealm(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, init);
  response.json = async () => JSON.parse(await response.text()) as unknown;
  return response;
}

async function predict(model: tf.LayersModel): Promise<number[]> {
  return scoped(async () => {
    const x = tf.tensor4d(batchPixels(tinyData().test, [0, 1, 2]), [3, 8, 8, 1]);
    return [...(await (model.predict(x) as tf.Tensor).data())];
  });
}

describeBackends('saveModel() and loadModel()', (backend) => {
  test('give the same network back, from its folder and from its model.json', async () => {
    const model = tinyModel();
    model.setUserDefinedMetadata({ classNames: ['a'] });
    const folder = inFolder(backend.name, 'deep', 'model');
    await saveModel(model, folder);
    expect(fs.readdirSync(folder).sort()).toEqual(['model.json', 'weights.bin']);
    for (const location of [folder, `${folder}/model.json`]) {
      const loaded = await loadModel(location);
      expect(await predict(loaded)).toEqual(await predict(model));
      expect(loaded.getUserDefinedMetadata()).toEqual({ classNames: ['a'] });
    }
  });
});

describe('model files', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
    await saveModel(tinyModel(), inFolder('good'));
  });

  /** A copy of the good model, to be damaged. */
  function copy(name: string): string {
    fs.cpSync(inFolder('good'), inFolder(name), { recursive: true });
    return inFolder(name);
  }

  test("are read by the host's own loader over HTTP, as a browser does", async () => {
    const server = http.createServer((request, response) => {
      response.end(fs.readFileSync(inFolder('good') + request.url!));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const url = `http://127.0.0.1:${port}/model.json`;
      const loaded = await tf.loadLayersModel(tf.io.http(url, { fetchFunc: fetchInThisRealm }));
      expect(await predict(loaded)).toEqual(await predict(tinyModel()));
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  test('replace an earlier model', async () => {
    const folder = copy('replaced');
    await saveModel(tinyModel({ seed: 50, filters: 9 }), folder);
    expect(await predict(await loadModel(folder))).toEqual(await predict(tinyModel({ seed: 50, filters: 9 })));
  });

  test('are written and read by a handler of the host', async () => {
    await tinyModel().save(fileHandler(inFolder('handler')));
    const loaded = await tf.loadLayersModel(fileHandler(inFolder('handler')));
    expect(await predict(loaded)).toEqual(await predict(tinyModel()));
  });

  test.each([
    [
      'weights cut short',
      'weights.bin',
      (bytes: Buffer) => bytes.subarray(0, bytes.length - 4),
      'the weights must have',
    ],
    [
      'weights of another model',
      'weights.bin',
      (bytes: Buffer) => Buffer.alloc(bytes.length),
      'their checksum differs',
    ],
    [
      'a model.json cut short',
      'model.json',
      (bytes: Buffer) => bytes.subarray(0, 100),
      'the file must be complete JSON',
    ],
    ['a model.json of another kind', 'model.json', () => Buffer.from('{"a": 1}'), 'in the layers format'],
    [
      'an unknown layer',
      'model.json',
      (bytes: Buffer) => Buffer.from(bytes.toString().replace('"Flatten"', '"Nobody"')),
      'Unknown layer: Nobody',
    ],
  ])('with %s are refused', async (title, name, damage, message) => {
    const folder = copy(title);
    fs.writeFileSync(`${folder}/${name}`, damage(fs.readFileSync(`${folder}/${name}`)));
    const failure = loadModel(folder);
    await expect(failure).rejects.toThrow(CorruptFileError);
    await expect(failure).rejects.toThrow(message);
  });

  test('without weights or without a model are refused', async () => {
    fs.rmSync(`${copy('weightless')}/weights.bin`);
    await expect(loadModel(inFolder('weightless'))).rejects.toThrow(
      'the weights that model.json names must be readable',
    );
    await expect(loadModel(inFolder('nowhere'))).rejects.toThrow(
      'there must be a folder with model.json, or such a file',
    );
  });
});
