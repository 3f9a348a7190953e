/** loadKeras() of the page: whole models from bytes, read in the thread that asks. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { CorruptFileError } from '../../src/errors.js';
import { loadKeras } from '../../src/interop/load_keras_bytes.js';
import { saveKeras } from '../../src/interop/save_keras.js';
import { temporaryFolder } from '../training/support/temporary_folder.js';
import fs from 'node:fs';

const inFolder = temporaryFolder();

test('loadKeras() reads the model that was saved, several times over', async () => {
  await tf.setBackend('cpu');
  const model = conv.mobileNetV1({ inputShape: [32, 32, 3], alpha: 0.125, classes: 3, downsampling: 2 });
  await saveKeras(model, inFolder('model.keras'));
  const bytes = new Uint8Array(fs.readFileSync(inFolder('model.keras')));
  const x = tf.randomUniform([1, 32, 32, 3], -1, 1, 'float32', 1);
  const wanted = await (model.predict(x) as tf.Tensor).data();
  for (let turn = 0; turn < 2; turn++) {
    const loaded = await loadKeras(bytes);
    expect(Array.from(await (loaded.predict(x) as tf.Tensor).data())).toEqual(Array.from(wanted));
  }
});

test.each(['no file of Keras', '\x89HDF\r\n\x1a\nand no more'])('loadKeras() refuses %j', async (text) => {
  await expect(loadKeras(Uint8Array.from(text, (letter) => letter.charCodeAt(0)))).rejects.toThrow(CorruptFileError);
});
