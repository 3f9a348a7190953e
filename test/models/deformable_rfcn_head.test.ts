/** Head of Deformable R-FCN: its maps and their cost, the two passes of pooling, and training. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { describeBackends } from '../support/backends.js';
import { expectClose } from '../support/compare.js';
import { expectRefusal, loadModel, randomTensor, saveModel } from '../layers/support/layers.js';
import { expectTrainsWithoutLeak, fieldOf, paramsOf, randomize, weightShapes } from './support/models.js';

/** One convolution of stride 16 (or another) in place of ResNet-101. */
function trunkOf(size: number | null, filters: number, strides: number): tf.LayersModel {
  const input = tf.input({ shape: [size, size, 2] });
  const layer = conv.layers.conv2d({ name: 'features', filters, kernelSize: 3, strides, padding: 1, useBias: false });
  return tf.model({ inputs: input, outputs: layer.apply(input) as tf.SymbolicTensor });
}

const TINY = { classes: 3, bins: 2, channels: 5 } as const;
const tiny = (): tf.LayersModel => trunkOf(16, 4, 4);
const given = (): tf.Tensor[] => [
  randomTensor(1, [2, 16, 16, 2]),
  tf.tensor2d([
    [1.3, 0.4, 9.2, 7.9],
    [0.2, 2.1, 12.7, 13.4],
    [5.1, 4.7, 15.3, 12.2],
  ]),
  tf.tensor2d([[1], [0], [1]], [3, 1], 'int32'),
];

describe('deformableRFCNHead()', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('has the maps of the released network for VOC: 1024 channels, 7 × 7 bins, 21 classes', () => {
    const trunk = trunkOf(224, 2048, 16);
    const model = conv.deformableRFCNHead(trunk, { classes: 21 });
    expect(weightShapes(model)).toMatchObject({
      'reduce/kernel': [1, 1, 2048, 1024],
      'scores_maps/kernel': [1, 1, 1024, 7 * 7 * 21],
      // One box for all classes; the released network has a second one, for the background, that nothing reads.
      'boxes_maps/kernel': [1, 1, 1024, 7 * 7 * 4],
      'scores_offset_maps/kernel': [1, 1, 1024, 2 * 7 * 7 * 21],
      'boxes_offset_maps/kernel': [1, 1, 1024, 2 * 7 * 7],
    });
    const [features, reduce] = [9 * 2 * 2048, 2048 * 1024];
    const maps = 7 * 7 * (21 + 4 + 2 * 21 + 2);
    const params = features + reduce + 1024 + 1025 * maps;
    expect(paramsOf(model)).toEqual([params, params]);
    // Every 1×1 convolution at the 14² positions of the features.
    const { total, uncounted } = conv.cost(model);
    expect(total.macs).toBe(14 ** 2 * (features + reduce + 1024 * maps));
    // For one box: 4² samples of each of 49 bins of all maps.
    expect(total.otherOps.sampling).toBe(16 * maps);
    expect(uncounted).toEqual([]);
    expect(model.outputs.map(({ shape }) => shape)).toEqual([
      [null, 21],
      [null, 4],
    ]);
    const { spatialScale, transStd, samplesPerPart, classes } = model.getLayer('scores_bins').getConfig();
    expect({ spatialScale, transStd, samplesPerPart, classes }).toEqual({
      spatialScale: 1 / 16,
      transStd: 0.1,
      samplesPerPart: 4,
      classes: 21,
    });
  });

  it('without offsets is the head of R-FCN, 49 · (classes + 4) maps', () => {
    const model = conv.deformableRFCNHead(trunkOf(224, 8, 16), { classes: 21, channels: 16, deformable: false });
    expect(paramsOf(model)[0]).toBe(9 * 2 * 8 + 8 * 16 + 16 + 17 * 49 * 25);
    expect(model.layers.map(({ name }) => name).filter((name) => name.includes('offset'))).toEqual([]);
  });

  it('is traced as data-dependent, since the boxes move the samples', () => {
    const model = conv.deformableRFCNHead(tiny(), TINY);
    expect(fieldOf(model, 'scores_maps')).toEqual([3, 4, 1]);
    expect(conv.receptiveField(model, { layer: 'scores_bins' })).toMatchObject({ global: true, dataDependent: true });
  });

  it('reads any layer of the trunk, and derives its scale', () => {
    const trunk = conv.mobileNetV1({ alpha: 0.25, inputShape: [50, 50, 3], includeTop: false });
    const scaleOf = (options: object): unknown =>
      conv
        .deformableRFCNHead(trunk, { ...TINY, ...options })
        .getLayer('boxes_bins')
        .getConfig().spatialScale;
    expect(scaleOf({ layer: 'conv_pw_5_relu' })).toBe(1 / 8);
    expect(scaleOf({ layer: 'conv_pw_11_relu' })).toBe(1 / 16);
    expect(scaleOf({ spatialScale: 0.3 })).toBe(0.3);
    expect(
      conv
        .deformableRFCNHead(trunkOf(null, 3, 5), TINY)
        .getLayer('scores_bins')
        .getConfig().spatialScale,
    ).toBe(0.2);
  });

  it.each([
    [{ classes: 1 }, RangeError, 'received classes = 1'],
    [{ bins: 0 }, RangeError, 'received bins = 0'],
    [{ channels: 1.5 }, RangeError, 'received channels = 1.5'],
    [{ deformable: 'yes' }, TypeError, "received deformable = 'yes'"],
    [{ transStd: -1 }, RangeError, 'received transStd = -1'],
    [{ layer: 'other' }, RangeError, "received layer = 'other'"],
    [{ spatialScale: 0 }, RangeError, 'spatialScale must be a number above 0'],
    [{ group: 1 }, TypeError, 'received group = 1'],
  ])('rejects %j', (options, kind, message) => {
    const wrong = { ...TINY, ...options } as unknown as conv.DeformableRFCNHeadOptions;
    expectRefusal(() => conv.deformableRFCNHead(tiny(), wrong), kind, message);
  });

  it('rejects incompatible trunks', () => {
    const refused = (trunk: unknown, kind: ErrorConstructor, message: string): void => {
      expectRefusal(() => conv.deformableRFCNHead(trunk as tf.LayersModel, TINY), kind, message);
    };
    refused('trunk', TypeError, 'trunk must be a tf.LayersModel');
    const wide = tf.sequential({ layers: [tf.layers.averagePooling2d({ poolSize: [2, 4], inputShape: [8, 8, 3] })] });
    refused(
      wide,
      RangeError,
      'spatialScale must be given if the strides of the axes differ, received strides = [2, 4]',
    );
    const flat = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
    refused(flat, RangeError, 'the trunk must have one input [n, height, width, channels]');
    const scores = tf.sequential({ layers: [tf.layers.globalAveragePooling2d({ inputShape: [4, 4, 2] })] });
    refused(scores, RangeError, 'the features must be one output [n, height, width, channels]');
  });
});

describeBackends(
  'deformableRFCNHead()',
  ({ tolerance }) => {
    it('pools offsets first, then scores and boxes at these offsets, and averages the bins', async () => {
      const model = conv.deformableRFCNHead(tiny(), { ...TINY, transStd: 0.4 });
      randomize(model);
      const inputs = given();
      const [image, boxes, indices] = inputs as [tf.Tensor4D, tf.Tensor2D, tf.Tensor2D];
      const of = tf.reshape<tf.Rank.R1>(indices, [3]);
      const outputs = model.apply(inputs) as tf.Tensor[];
      for (const [index, name, depth] of [
        [0, 'scores', 3],
        [1, 'boxes', 4],
      ] as const) {
        const layers = [`${name}_offset_maps`, `${name}_maps`].map((layer) => model.getLayer(layer).output);
        const reader = tf.model({ inputs: model.inputs[0]!, outputs: layers as tf.SymbolicTensor[] });
        const [offsetMaps, maps] = reader.predict(image) as [tf.Tensor4D, tf.Tensor4D];
        const groups = name === 'scores' ? 3 : 1;
        const common = {
          groupSize: 2,
          pooledSize: 2,
          partSize: 2,
          samplesPerPart: 4,
          spatialScale: 0.25,
          transStd: 0.4,
        };
        const offset = conv.deformPsRoiPool(offsetMaps, boxes, of, { ...common, outputDim: 2 * groups });
        const bins = conv.deformPsRoiPool(maps, boxes, of, { ...common, outputDim: depth, offset });
        await expectClose(outputs[index]!, tf.mean(bins, [1, 2]), 10 * tolerance, name);
        const resting = tf.mean(conv.deformPsRoiPool(maps, boxes, of, { ...common, outputDim: depth }), [1, 2]);
        expect(tf.max(tf.abs(tf.sub(outputs[index]!, resting))).dataSync()[0]).toBeGreaterThan(0.01);
      }
      model.dispose();
    });

    it('starts as the head of R-FCN', async () => {
      const [moved, plain] = [true, false].map((deformable) =>
        conv.deformableRFCNHead(tiny(), { ...TINY, deformable }),
      ) as [tf.LayersModel, tf.LayersModel];
      for (const weight of plain.weights) {
        weight.write(moved.weights.find(({ originalName }) => originalName === weight.originalName)!.read());
      }
      const [found, wanted] = [moved, plain].map((model) => model.apply(given()) as tf.Tensor[]);
      for (const index of [0, 1]) await expectClose(found![index]!, wanted![index]!, 0);
      [moved, plain].forEach((model) => {
        model.dispose();
      });
    });

    it('is restored from a file without custom objects', async () => {
      const model = conv.deformableRFCNHead(tiny(), TINY);
      randomize(model);
      const loaded = await loadModel(await saveModel(model));
      const [found, wanted] = [loaded, model].map((each) => each.apply(given()) as tf.Tensor[]);
      for (const index of [0, 1]) await expectClose(found![index]!, wanted![index]!, 0);
      [model, loaded].forEach((each) => {
        each.dispose();
      });
    });

    it('passes a gradient to every weight and leaks no tensor', () => {
      expectTrainsWithoutLeak(() => conv.deformableRFCNHead(tiny(), TINY), given);
    });
  },
  { where: ({ name: backend, variant }) => backend === 'wasm' && variant === undefined },
);
