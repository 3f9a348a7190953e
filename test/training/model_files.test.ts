/** Model files: round trip, the host's own loader over HTTP, and corrupt files. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import * as tf from '@tensorflow/tfjs';
import { CorruptFileError } from '../../src/errors.js';
import { batchPixels } from '../../src/training/batch_pixels.js';
import { fileHandler, loadModel, saveModel } from '../../src/training/model_files.js';
import { describeBackends } from '../support/backends.js';
import { MUTATION_KINDS, mutateAt, pathsOf } from '../support/json_mutations.js';
import { Random } from '../support/random.js';
import { scoped } from '../support/scoped.js';
import { temporaryFolder } from './support/temporary_folder.js';
import { tinyData, tinyModel } from './support/tiny.js';

const inFolder = temporaryFolder();

/** Objects from `fetch` belong to the realm outside the tests, so that the host's `instanceof Array` fails. */
async function fetchInThisRealm(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, init);
  response.json = async () => JSON.parse(await response.text()) as unknown;
  return response;
}

/** Removes the checksum from a model.json, as other programs write none. */
function unsigned(text: string): Buffer {
  const json = JSON.parse(text) as Record<string, unknown>;
  delete json['topologyChecksum'];
  return Buffer.from(JSON.stringify(json));
}

/** Branches, a layer used twice, a wrapper, a nested model: everything that a graph can have. */
function branched(): tf.LayersModel {
  const x = tf.input({ shape: [4, 3] });
  const shared = tf.layers.dense({ units: 3 });
  const inner = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [4, 3] })] });
  const steps = tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 3 }) });
  const a = shared.apply(x) as tf.SymbolicTensor;
  const b = shared.apply(inner.apply(steps.apply(x))) as tf.SymbolicTensor;
  const sum = tf.layers.add().apply([a, b]) as tf.SymbolicTensor;
  return tf.model({ inputs: x, outputs: [sum, inner.apply(a) as tf.SymbolicTensor] });
}

async function predict(model: tf.LayersModel): Promise<number[]> {
  return scoped(async () => {
    const x = tf.tensor4d(batchPixels(tinyData().test, [0, 1, 2]), [3, 8, 8, 1]);
    return [...(await (model.predict(x) as tf.Tensor).data())];
  });
}

describeBackends('saveModel() and loadModel()', (backend) => {
  test('restore the same network, from its folder and from its model.json', async () => {
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

  /** Copies the good model, so that it can be damaged. */
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

  test('are written and read through an IO handler of the host', async () => {
    await tinyModel().save(fileHandler(inFolder('handler')));
    const loaded = await tf.loadLayersModel(fileHandler(inFolder('handler')));
    expect(await predict(loaded)).toEqual(await predict(tinyModel()));
  });

  test.each([
    [
      'truncated weights',
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
      'a truncated model.json',
      'model.json',
      (bytes: Buffer) => bytes.subarray(0, 100),
      'the file must be complete JSON',
    ],
    ['a model.json of another kind', 'model.json', () => Buffer.from('{"a": 1}'), 'in the layers format'],
    [
      'an unknown layer',
      'model.json',
      (bytes: Buffer) => unsigned(bytes.toString().replace('"Flatten"', '"Nobody"')),
      "the class of layer 3 of the model must be known, it is 'Nobody'",
    ],
    [
      'one letter changed that no other check would notice',
      'model.json',
      (bytes: Buffer) => Buffer.from(bytes.toString().replace('"padding":"same"', '"padding":"sane"')),
      "the file must be unchanged since it was saved (its checksum differs; to load a file edited on purpose, remove its 'topologyChecksum')",
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
      'the weights file named in model.json must be readable',
    );
    await expect(loadModel(inFolder('nowhere'))).rejects.toThrow('there must be a model.json, or a folder with one');
  });

  test('with a graph as a layer, two inputs of one layer or a nested model are read back', async () => {
    const model = branched();
    await saveModel(model, inFolder('branched'));
    const loaded = await loadModel(inFolder('branched'));
    const x = tf.randomNormal([2, 4, 3], 0, 1, 'float32', 5);
    const [want, got] = [model, loaded].map((each) => each.predict(x) as tf.Tensor[]);
    want!.forEach((tensor, index) => {
      expect(got![index]!.dataSync()).toEqual(tensor.dataSync());
    });
  });

  describe('without a checksum', () => {
    let documents: Record<string, Record<string, unknown>>;
    beforeAll(async () => {
      await saveModel(branched(), inFolder('branched'));
      documents = Object.fromEntries(
        ['good', 'branched'].map((name) => [
          name,
          JSON.parse(unsigned(fs.readFileSync(`${inFolder(name)}/model.json`, 'utf8')).toString()) as Record<
            string,
            unknown
          >,
        ]),
      );
    });

    /** Writes the text next to the weights of a good model and loads it. */
    async function load(name: string, text: string): Promise<tf.LayersModel> {
      fs.writeFileSync(`${inFolder(name)}/model.json`, text);
      return loadModel(inFolder(name));
    }

    test.each(['good', 'branched'])(
      'are either loaded or refused in one line, whatever changes in %s',
      async (name) => {
        const document = documents[name]!;
        const paths = pathsOf(document);
        const random = new Random(11);
        let refused = 0;
        for (let round = 0; round < 150; round++) {
          const path = paths[random.integer(0, paths.length - 1)]!;
          const { title, json } = mutateAt(document, path, random.integer(0, MUTATION_KINDS - 1));
          try {
            (await load(name, json)).dispose();
          } catch (error) {
            const { message } = error as Error;
            expect(`${title}: ${message}`).toMatch(/: Cannot load the model: .+, received file = '[^\n]*'$/);
            expect(message.length).toBeLessThanOrEqual(500);
            expect(error).toBeInstanceOf(CorruptFileError);
            refused++;
          }
          expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
        }
        expect(refused).toBeGreaterThan(40);
      },
    );

    test('are refused if one letter of a name differs, for which the host would search endlessly', async () => {
      const text = JSON.stringify(documents['branched']);
      const names = [...text.matchAll(/"(?:dense|add|input|sequential|time)\w*"/g)];
      expect(names.length).toBeGreaterThan(20);
      let refused = 0;
      for (const { index, 0: name } of names) {
        const changed = `${text.slice(0, index + 2)}#${text.slice(index + 3)}`;
        expect(changed.length).toBe(text.length);
        const error = await load('branched', changed).then(
          () => undefined,
          (reason: unknown) => reason as Error,
        );
        if (error !== undefined) {
          expect(`${name}: ${error.message}`).toContain(': Cannot load the model: ');
          refused++;
        }
      }
      expect(refused).toBeGreaterThan(20);
    });

    type Json = {
      modelTopology: Record<string, unknown>;
      weightsManifest: { paths: string[]; weights: { name: string; shape: unknown; dtype: string }[] }[];
    };
    const changed = (change: (json: Json) => void): string => {
      const json = structuredClone(documents['good']) as unknown as Json;
      change(json);
      return JSON.stringify(json);
    };

    test.each([
      [
        'a graph model',
        () => JSON.stringify({ format: 'graph-model', modelTopology: { node: [] }, weightsManifest: [] }),
        'this is a graph model, which tf.loadGraphModel() loads',
      ],
      [
        'a graph model without a format',
        () => changed((json) => (json.modelTopology = { node: Array(9000).fill({ name: 'x' }) })),
        'this is a graph model',
      ],
      [
        'a subclassed model',
        () => changed((json) => (json.modelTopology = { class_name: 'MyNet', config: { width: 3 } })),
        "the class of the model must be Sequential, Model or Functional (subclassed models have no graph), it is 'MyNet'",
      ],
      [
        'a layer instead of the model',
        () => changed((json) => (json.modelTopology = { class_name: 'Dense', config: { units: 3 } })),
        "it is 'Dense'",
      ],
      [
        'the inputs of Keras 3',
        () => {
          const json = structuredClone(documents['branched']) as unknown as {
            modelTopology: { config: { layers: { inbound_nodes: unknown[] }[] } };
          };
          json.modelTopology.config.layers[1]!.inbound_nodes = [{ args: [], kwargs: {} }];
          return JSON.stringify(json);
        },
        'as Keras 1 and 2 and TensorFlow.js write them (Keras 3 does not)',
      ],
      [
        'layers larger than the weights',
        () =>
          changed((json) => {
            (json.modelTopology['config'] as { layers: { config: Record<string, unknown> }[] }).layers.at(-1)!.config[
              'units'
            ] = 2 ** 31;
          }),
        'its layers must not have more weights than',
      ],
      [
        'a weight of another type',
        () => changed((json) => (json.weightsManifest[0]!.weights[0]!.dtype = 'string')),
        'the type of weights must be one of float32',
      ],
      [
        'a weight of a negative size',
        () => changed((json) => (json.weightsManifest[0]!.weights[0]!.shape = [-3])),
        'must be a list of sizes',
      ],
      [
        'a weight of 10⁹ values',
        () => changed((json) => (json.weightsManifest[0]!.weights[0]!.shape = [1e9])),
        'the weights must have 40000',
      ],
      [
        'a weight twice',
        () => changed((json) => json.weightsManifest[0]!.weights.push(json.weightsManifest[0]!.weights[0]!)),
        'no two weights may have the same name',
      ],
      [
        'a prototype',
        () => `{"__proto__": {"polluted": 1}, ${changed(() => undefined).slice(1)}`,
        "no field may be called '__proto__'",
      ],
      [
        'endless nesting',
        () => `{"x": ${'['.repeat(90_000)}${']'.repeat(90_000)}, ${changed(() => undefined).slice(1)}`,
        'at most 200 levels deep',
      ],
    ])('with %s are refused for the right reason', async (_, text, reason) => {
      const tensors = tf.memory().numTensors;
      const failure = await load('good', text()).then(
        () => new Error('loaded'),
        (error: unknown) => error as Error,
      );
      expect(failure.message).toContain(reason);
      expect(tf.memory().numTensors).toBe(tensors);
      expect(failure.message.length).toBeLessThanOrEqual(500);
      expect(failure.message).not.toContain('\n');
    });

    test.each([
      '../secret.bin',
      '/etc/hostname',
      'a/../../secret.bin',
      '..\\secret.bin',
      'C:\\secret',
      'http://host/x',
      'file:///etc/hostname',
      '',
      'weights.bin\0',
    ])('do not read the path %j', async (path) => {
      fs.copyFileSync(`${inFolder('good')}/weights.bin`, inFolder('secret.bin'));
      await expect(
        load(
          'good',
          changed((json) => (json.weightsManifest[0]!.paths = [path])),
        ),
      ).rejects.toThrow('weight files must be in the folder of the model');
    });

    (process.platform === 'win32' ? test.skip : test)(
      'do not follow links out of the folder, nor read devices and pipes',
      async () => {
        const folder = copy('links');
        fs.writeFileSync(
          `${folder}/model.json`,
          changed(() => undefined),
        );
        const weights = `${folder}/weights.bin`;
        const replace = (make: () => void): Promise<tf.LayersModel> => {
          fs.rmSync(weights, { force: true });
          make();
          return loadModel(folder);
        };
        fs.copyFileSync(`${inFolder('good')}/weights.bin`, inFolder('secret.bin'));
        await expect(
          replace(() => {
            fs.symlinkSync(inFolder('secret.bin'), weights);
          }),
        ).rejects.toThrow('even through links');
        await expect(
          replace(() => {
            fs.symlinkSync('/dev/zero', weights);
          }),
        ).rejects.toThrow('even through links');
        await expect(replace(() => execFileSync('mkfifo', [weights]))).rejects.toThrow('it must be a regular file');
        // A download cache: both files are links into one other folder.
        fs.mkdirSync(inFolder('store'));
        fs.copyFileSync(`${inFolder('good')}/weights.bin`, inFolder('store/1'));
        fs.renameSync(`${folder}/model.json`, inFolder('store/2'));
        fs.symlinkSync('../store/2', `${folder}/model.json`);
        await replace(() => {
          fs.symlinkSync('../store/1', weights);
        });
      },
    );
  });
});
