/** MobileNetV2-UNet: the figures of TensorFlow's tutorial, the names of Keras, the frozen encoder. */
import * as tf from '@tensorflow/tfjs';
import { cost, mobileNetUNet, mobileNetV2, type MobileNetUNetOptions } from '../../src/index.js';
import { Random, withSeed } from '../../src/training/index.js';
import { randomTensor } from '../layers/support/layers.js';
import { runDenseTest } from './support/dense.js';
import { fieldOf, paramsOf, weightShapes } from './support/models.js';

describe('mobileNetUNet()', () => {
  beforeAll(() => tf.setBackend('wasm'));

  it('has the parameters of the tutorial: 6,504,227, of which 1,843,904 are frozen with the encoder', () => {
    expect(paramsOf(mobileNetUNet({ freezeEncoder: true }))).toEqual([6_504_227, 4_660_323]);
    // Without freezing only the moving averages do not train: those of the encoder and of the four normalisations.
    const moving = 34_112 - 2 * 1280 - 2 * 320 + 2 * (512 + 256 + 128 + 64);
    expect(paramsOf(mobileNetUNet())).toEqual([6_504_227, 6_504_227 - moving]);
  });

  it('has the multiply-adds of its parts', () => {
    const encoder =
      cost(mobileNetV2({ inputShape: [128, 128, 3], includeTop: false })).total.macs - 4 ** 2 * 320 * 1280;
    // Positions of the smaller map, then channels in (with those joined from the encoder) and out.
    const decoder = [
      [4, 320, 512],
      [8, 512 + 576, 256],
      [16, 256 + 192, 128],
      [32, 128 + 144, 64],
      [64, 64 + 96, 3],
    ].reduce((sum, [side, from, to]) => sum + side! ** 2 * 9 * from! * to!, 0);
    const { total } = cost(mobileNetUNet());
    expect(total.macs).toBe(encoder + decoder);
    expect(total.macs).toBe(585_512_960);
  });

  it('has a receptive field of 523 pixels: two positions of the encoder, each of 491, since two neighbouring rows read two', () => {
    const [size, stride] = fieldOf(mobileNetUNet(), 'predictions');
    expect([size, stride]).toEqual([491 + 32, 1]);
  });

  it('has the weights of keras.applications.MobileNetV2 in its encoder, up to the last projection', () => {
    const keras = weightShapes(mobileNetV2({ includeTop: false }));
    const own = weightShapes(mobileNetUNet());
    const expected = Object.entries(keras).filter(([name]) => !/^(Conv_1|block_16_project_BN)/.test(name));
    expect(Object.fromEntries(Object.entries(own).filter(([name]) => name in keras))).toEqual(
      Object.fromEntries(expected),
    );
    expect(Object.keys(own).length).toBe(expected.length + 4 * 5 + 2);
  });

  it.each([
    [128, []],
    [96, []],
    [112, ['up_1_crop']],
    [97, ['up_1_crop', 'up_2_crop', 'up_3_crop', 'up_4_crop', 'logits_crop']],
    [33, ['up_1_crop', 'up_2_crop', 'up_3_crop', 'up_4_crop', 'logits_crop']],
  ])('crops where halving rounded up, for images of %d pixels', (size, crops) => {
    const model = mobileNetUNet({ alpha: 0.125, inputShape: [size, size, 3] });
    const found = model.layers.filter((layer) => layer.getClassName().endsWith('CropLike')).map(({ name }) => name);
    expect(found).toEqual(crops);
    expect(model.outputShape).toEqual([null, size, size, 3]);
    model.dispose();
  });

  it('keeps a frozen encoder unchanged, including its moving averages', async () => {
    // Seeded: a frozen encoder this narrow may start with weights for which its last ReLUs are all zero.
    const model = withSeed(new Random(1, 'initialization'), () =>
      mobileNetUNet({ alpha: 0.125, inputShape: [32, 32, 3], filters: [8, 8, 8, 8], freezeEncoder: true }),
    );
    const values = (name: string): number[] => [...model.getLayer(name).weights.at(-1)!.read().dataSync()];
    const layers = ['Conv1', 'bn_Conv1', 'block_3_depthwise_BN', 'block_16_project'];
    const before = layers.map(values);
    const decoder = values('up_1');
    model.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
    await model.fit(randomTensor(1, [2, 32, 32, 3]), randomTensor(2, [2, 32, 32, 3], 0, 1));
    expect(layers.map(values)).toEqual(before);
    expect(values('up_1')).not.toEqual(decoder);
    model.dispose();
  });
});

runDenseTest<MobileNetUNetOptions>({
  name: 'mobileNetUNet',
  build: mobileNetUNet,
  tiny: { alpha: 0.125, classes: 4, filters: [8, 8, 6, 4] },
  inputShape: [33, 47, 2],
  channels: 4,
  probabilities: true,
  refusals: [
    [{ filters: [8, 8, 8] }, TypeError, 'filters must be a list of 4 integers, received filters = [8, 8, 8]'],
    [{ filters: [8, 8, 8, 0] }, RangeError, 'received filters = 0'],
    [{ freezeEncoder: 1 }, TypeError, 'received freezeEncoder = 1'],
    [{ alpha: -1 }, RangeError, 'received alpha = -1'],
    [{ normalizationMomentum: 2 }, RangeError, 'received normalizationMomentum = 2'],
  ],
});
