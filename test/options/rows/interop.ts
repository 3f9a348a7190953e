/** Rows of `tfjs-convolutions/interop`. */
import * as tf from '@tensorflow/tfjs';
import * as interop from '../../../src/interop/index.js';
import * as conv from '../../../src/index.js';
import { boolean, count, list, nested, oneOf, openImageShape, required, text, word, type Kind } from '../kinds.js';
import { beforeFile, row, type Row } from '../row.js';

const FILE = 'no such file.h5';

let made: tf.LayersModel | undefined;
const model = (): tf.LayersModel =>
  (made ??= tf.sequential({ layers: [conv.layers.conv2d({ filters: 1, kernelSize: 1, inputShape: [2, 2, 1] })] }));

let exported: Promise<Uint8Array> | undefined;

/** Numbers, one or one per channel. */
const numbers: Kind = { bad: () => [null, '1', true, {}, [], ['1'], [NaN], NaN, Infinity, 1e308, () => 1] };

const EXPORT_KINDS = {
  deformable: word('native', 'decomposed'),
  nanGuard: boolean,
  layout: word('nhwc', 'nchw'),
  inputShape: { bad: () => [...openImageShape.bad(), [2, 2, 2], [[2, 2, 1], [2, 2, 1]]] }, // prettier-ignore
  foldBatchNormalization: boolean,
  weights: word('float32', 'float16'),
  classNames: list(text, 'cat'),
  preprocessing: nested(
    {
      scale: required(numbers),
      offset: required(numbers),
      height: { bad: () => count.bad() },
      width: { bad: () => count.bad() },
      channels: oneOf(1, 3),
      fit: word('crop', 'stretch', 'contain'),
      background: { bad: () => [null, 5, 'white', [0, 0], [0, 0, 256]] },
    },
    { height: 2, width: 2, channels: 1, fit: 'crop', background: [0, 0, 0], scale: 1, offset: [0] },
  ),
  metadata: { bad: () => [null, 5, NaN, 'text', true, [], new Map(), { author: 5 }, { author: null }] },
};

/** Names of tensors: of a library that has the model, of its weights or its layers, or a function. */
const NAMING_KINDS = {
  names: required({
    bad: () => [null, 5, NaN, true, [], ['keras'], new Map(), '', 'nonsense', 'KERAS', 'torchvision', '__proto__', { nowhere: 'a' }, { nowhere: 5 }, () => 5, () => ''], // prettier-ignore
  }),
  layout: word('torch', 'keras'),
};

export const INTEROP_ROWS: readonly Row[] = [
  row<interop.LoadKerasWeightsOptions>(
    'interop/loadKerasWeights',
    (options) => beforeFile(interop.loadKerasWeights(model(), FILE, options)),
    { skipMismatch: boolean },
  ),
  row<interop.LoadSafetensorsOptions>(
    'interop/loadSafetensors',
    (options) => beforeFile(interop.loadSafetensors(model(), FILE, options)),
    { ...NAMING_KINDS, skipMismatch: boolean },
    { names: 'keras' },
  ),
  row<interop.SaveSafetensorsOptions>(
    'interop/exportSafetensors',
    (options) => interop.exportSafetensors(model(), options),
    { ...NAMING_KINDS, weights: word('float32', 'float16') },
    { names: 'keras' },
  ),
  row<interop.SaveSafetensorsOptions>(
    'interop/saveSafetensors',
    (options) => beforeFile(interop.saveSafetensors(model(), 'no such folder/a.safetensors', options)),
    { ...NAMING_KINDS, weights: word('float32', 'float16') },
    { names: 'keras' },
  ),
  row<interop.ExportOnnxOptions>('interop/exportOnnx', (options) => interop.exportOnnx(model(), options), EXPORT_KINDS),
  row<interop.ImportOnnxOptions>(
    'interop/importOnnx',
    async (options) => interop.importOnnx(await (exported ??= interop.exportOnnx(model())), options),
    { externalData: { bad: () => [null, 5, NaN, 'text', true, [], new Map(), { weights: 5 }, { weights: [1] }] } },
  ),
  row<interop.SaveOnnxOptions>(
    'interop/saveOnnx',
    (options) => beforeFile(interop.saveOnnx(model(), 'no such folder/a.onnx', options)),
    { ...EXPORT_KINDS, externalData: boolean },
  ),
];
