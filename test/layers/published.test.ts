/**
 * The deformable layer against mmcv's published layer-level values (DeformConv2dPack, ModulatedDeformConv2dPack). The
 * case is another project's data and is found beside the checkout in development and CI; elsewhere the tests are
 * skipped.
 */
import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { describeBackends } from '../support/backends.js';
import { expectClose } from '../support/compare.js';
import { callLayer, weightName } from './support/layers.js';

interface PublishedTensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface PublishedCase {
  readonly name: string;
  readonly kernel: [number, number];
  readonly stride: [number, number];
  readonly padding: [number, number];
  readonly inputs: Readonly<Record<string, PublishedTensor>>;
  readonly rtol: number;
  readonly expected: Readonly<Record<string, PublishedTensor>>;
}

const FILE = path.resolve(__dirname, '../../../shared/golden/layers/mmcv_deform_conv_pack.json');
const CASES = fs.existsSync(FILE)
  ? (JSON.parse(fs.readFileSync(FILE, 'utf8')) as { deform_conv_cases: PublishedCase[] }).deform_conv_cases
  : [];

/** From mmcv's layout to ours: images NCHW → NHWC, filters [out, in, kh, kw] → [kh, kw, in, out]. */
function image({ shape, data }: PublishedTensor): tf.Tensor {
  return tf.transpose(tf.tensor([...data], [...shape]), [0, 2, 3, 1]);
}

function filter({ shape, data }: PublishedTensor): tf.Tensor {
  return tf.transpose(tf.tensor([...data], [...shape]), [2, 3, 1, 0]);
}

function vector({ data }: PublishedTensor): tf.Tensor {
  return tf.tensor1d([...data]);
}

if (CASES.length === 0) it.skip(`DeformableConv2D against mmcv: there is no ${FILE}`, () => undefined);

describeBackends(
  'DeformableConv2D against mmcv',
  () => {
    for (const { name, kernel, stride, padding, inputs, rtol, expected } of CASES) {
      it(`matches the values and gradients of ${name}`, async () => {
        const modulated = name.includes('Modulated');
        const args = { filters: 1, kernelSize: kernel, strides: stride, padding, useBias: false, modulated } as const;
        const layer = conv.layers.deformableConv2d(args);
        const x = image(inputs.x!);
        callLayer(layer, x);
        const given = [filter(inputs.weight!), ...layer.getWeights().slice(1)];
        if (inputs.offset_weight !== undefined) given[1] = filter(inputs.offset_weight);
        if (inputs.offset_bias !== undefined) given[2] = vector(inputs.offset_bias);
        layer.setWeights(given);

        const { grads } = tf.variableGrads(() => tf.sum(callLayer(layer, x)));
        const byName = new Map(layer.weights.map((weight) => [weightName(weight), grads[weight.name]!]));
        const check = (key: string, got: tf.Tensor, want: tf.Tensor): Promise<void> =>
          expectClose(got, want, rtol, key);
        await check('y', callLayer(layer, x), image(expected.y!));
        await check('d_x', tf.grad((at) => tf.sum(callLayer(layer, at)))(x), image(expected.d_x!));
        await check('d_weight', byName.get('kernel')!, filter(expected.d_weight!));
        const offset = modulated ? 'd_conv_offset' : 'd_offset';
        await check('d_offset_weight', byName.get('offset_kernel')!, filter(expected[`${offset}_weight`]!));
        await check('d_offset_bias', byName.get('offset_bias')!, vector(expected[`${offset}_bias`]!));
      });
    }
  },
  { where: () => CASES.length > 0 },
);
