/** Denoising autoencoder of Keras's example: its figures, and odd sizes. */
import * as tf from '@tensorflow/tfjs';
import { cost, denoisingAutoencoder, type DenoisingAutoencoderOptions } from '../../src/index.js';
import { runDenseTest } from './support/dense.js';
import { fieldOf, paramsOf, weightShapes } from './support/models.js';

describe('denoisingAutoencoder()', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('has the 28,353 parameters of the example, all trainable', () => {
    const layer = 9 * 32 * 32 + 32;
    expect(paramsOf(denoisingAutoencoder())).toEqual([28_353, 28_353]);
    expect(9 * 32 + 32 + 3 * layer + 9 * 32 + 1).toBe(28_353);
    expect(weightShapes(denoisingAutoencoder())).toMatchObject({
      'down_1/kernel': [3, 3, 1, 32],
      'up_2/kernel': [3, 3, 32, 32],
      'output/bias': [1],
    });
  });

  it('has the multiply-adds of its parts, each transposed convolution at the smaller map', () => {
    const macs = 9 * (28 ** 2 * 32 + 14 ** 2 * 32 * 32 + 7 ** 2 * 32 * 32 + 14 ** 2 * 32 * 32 + 28 ** 2 * 32);
    expect(cost(denoisingAutoencoder()).total.macs).toBe(macs);
    expect(macs).toBe(4_515_840);
  });

  it('has a receptive field of 18 pixels', () => {
    // 3×3 and pooling at strides 1 and 2, two rows each of the maps at strides 4 and 2, 3×3.
    expect(fieldOf(denoisingAutoencoder(), 'output').slice(0, 2)).toEqual([1 + 2 + 1 + 4 + 2 + 4 + 2 + 2, 1]);
  });

  it('mirrors its channels, and crops maps of odd size', () => {
    const model = denoisingAutoencoder({ filters: [8, 4, 6], inputShape: [29, 20, 3], outputActivation: 'tanh' });
    const shape = (name: string): unknown => model.getLayer(name).outputShape;
    expect(['down_3_pool', 'up_3', 'up_2', 'up_1', 'output'].map(shape)).toEqual([
      [null, 4, 3, 6],
      [null, 8, 6, 6],
      [null, 16, 10, 4],
      [null, 30, 20, 8],
      [null, 29, 20, 3],
    ]);
    const crops = model.layers.filter((layer) => layer.getClassName().endsWith('CropLike'));
    expect(crops.map(({ name, outputShape }) => [name, outputShape])).toEqual([
      ['up_3_crop', [null, 8, 5, 6]],
      ['up_2_crop', [null, 15, 10, 4]],
      ['up_1_crop', [null, 29, 20, 8]],
    ]);
    expect(model.getLayer('output').getConfig().activation).toBe('tanh');
  });
});

runDenseTest<DenoisingAutoencoderOptions>({
  name: 'denoisingAutoencoder',
  build: denoisingAutoencoder,
  tiny: { filters: [4, 6] },
  inputShape: [13, 18, 2],
  channels: 2,
  probabilities: false,
  refusals: [
    [{ filters: 32 }, TypeError, 'received filters = 32'],
    [{ filters: [] }, RangeError, 'filters must not be empty'],
    [{ filters: [8, 0] }, RangeError, 'received filters = 0'],
    [{ outputActivation: 'median' }, RangeError, "received outputActivation = 'median'"],
  ],
});
