/** Rows of `tfjs-convolutions/interop`. */
import * as tf from '@tensorflow/tfjs';
import * as interop from '../../../src/interop/index.js';
import * as conv from '../../../src/index.js';
import { boolean } from '../kinds.js';
import { beforeFile, row, type Row } from '../row.js';

const FILE = 'no such file.h5';

let made: tf.LayersModel | undefined;
const model = (): tf.LayersModel =>
  (made ??= tf.sequential({ layers: [conv.layers.conv2d({ filters: 1, kernelSize: 1, inputShape: [2, 2, 1] })] }));

export const INTEROP_ROWS: readonly Row[] = [
  row<interop.LoadKerasWeightsOptions>(
    'interop/loadKerasWeights',
    (options) => beforeFile(interop.loadKerasWeights(model(), FILE, options)),
    { skipMismatch: boolean },
  ),
];
