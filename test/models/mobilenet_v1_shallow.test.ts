/** The shallow MobileNetV1 against the published figures (arXiv 1704.04861, Table 5: 307 M multiply-adds, 2.9 M). */
import * as tf from '@tensorflow/tfjs';
import { cost, mobileNetV1 } from '../../src/index.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

test('mobileNetV1({shallow: true}) has the exact parameters and multiply-adds of the network without five blocks', () => {
  const { params, macs } = cost(mobileNetV1({ shallow: true })).total;
  expect(macs).toBe(307_323_392);
  expect(params.trainable).toBe(2_887_976);
  expect(params.trainable + params.nonTrainable).toBe(2_899_624);
});

test('mobileNetV1({shallow: true, deformable}) counts deformable blocks from its own end', () => {
  const model = mobileNetV1({
    shallow: true,
    alpha: 0.125,
    inputShape: [28, 28, 1],
    downsampling: 2,
    deformable: { last: 1 },
  });
  const names = model.layers.filter((layer) => layer.getClassName().includes('Deformable')).map(({ name }) => name);
  expect(names).toEqual(['conv_dw_8']);
  expect(() => mobileNetV1({ shallow: true, deformable: { last: 9 } })).toThrow(
    'the network has 8 such convolutions, received deformable.last = 9',
  );
});
