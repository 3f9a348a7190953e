/** Detector of RFB Net: the maps, boxes and parameters of the released network, and training. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { describeBackends } from '../support/backends.js';
import { expectClose } from '../support/compare.js';
import { expectRefusal, loadModel, randomTensor, saveModel } from '../layers/support/layers.js';
import { expectTrainsWithoutLeak, fieldOf, paramsOf, randomize, weightShapes } from './support/models.js';

/** Two 1×1 convolutions, `fine` and `coarse`. */
function trunkOf(shape: readonly (number | null)[], [first, second]: readonly [object, object]): tf.LayersModel {
  const input = tf.input({ shape: [...shape] });
  const args = { filters: 1, useBias: false };
  const fine = conv.layers.pointwiseConv2d({ name: 'fine', ...args, ...first });
  const coarse = conv.layers.pointwiseConv2d({ name: 'coarse', strides: 2, ...args, ...second });
  const x = fine.apply(input) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: coarse.apply(x) as tf.SymbolicTensor });
}

/** Maps and channels of the two that RFB Net 300 reads of VGG16: 38² · 512 and 19² · 1024. */
const vggLike = (): tf.LayersModel => trunkOf([300, 300, 3], [{ filters: 512, strides: 8 }, { filters: 1024 }]);
const VGG = { layers: ['fine', 'coarse'], classes: 21 } as const;

const tiny = (size: number | null = 32): tf.LayersModel =>
  trunkOf([size, size, 2], [{ filters: 32, strides: 4 }, { filters: 64 }]);
const TINY = { layers: ['fine', 'coarse'], classes: 3, scales: 4, alpha: 0.125 } as const;

/** A kernel without bias and its normalisation: trainable parameters. */
const unit = (kernel: number, inChannels: number, filters: number): number =>
  kernel * inChannels * filters + 2 * filters;

/**
 * A block of RFB Net, from its branches: w = channels / 8, all 3×3 but the first of each, joined by 1×1, beside a 1×1
 * shortcut.
 */
function rfb(inChannels: number, filters: number): number {
  const w = inChannels / 8;
  const branches = [
    unit(1, inChannels, 2 * w) + unit(9, 2 * w, 2 * w),
    unit(1, inChannels, w) + unit(9, w, 2 * w) + unit(9, 2 * w, 2 * w),
    unit(1, inChannels, w) + unit(9, w, 1.5 * w) + unit(9, 1.5 * w, 2 * w) + unit(9, 2 * w, 2 * w),
  ];
  return branches.reduce((sum, count) => sum + count) + unit(1, 6 * w, filters) + unit(1, inChannels, filters);
}

/** Channels of the six scales, and their boxes. */
const RFB_300 = [[512, 6], [1024, 6], [512, 6], [256, 6], [256, 4], [256, 4]] as const; // prettier-ignore
/** 3×3 convolutions with bias, for scores and for boxes. */
const predictions = (classes: number): number =>
  RFB_300.reduce((sum, [channels, boxes]) => sum + (9 * channels + 1) * boxes * (classes + 4), 0);
const TRUNK = 3 * 512 + 512 * 1024;

describe('rfbHead()', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('has the maps, the 11,620 boxes and the parameters of RFB Net 300', () => {
    const model = conv.rfbHead(vggLike(), VGG);
    const scales = [1, 2, 3, 4, 5, 6].map((index) => `scale_${index}_scores`);
    expect(scales.map((name) => model.getLayer(name).outputShape[1])).toEqual([38, 19, 10, 5, 3, 1]);
    // The number of boxes of the paper's section 3.3 and of the released code.
    expect(model.outputs.map(({ shape }) => shape)).toEqual([
      [null, 11_620, 21],
      [null, 11_620, 4],
    ]);
    // The first two blocks as the released code has them, see the test of ReceptiveFieldBlock.
    const blocks = 1_502_016 + 5_095_296 + rfb(1024, 512) + rfb(512, 256);
    expect(rfb(1024, 1024)).toBe(5_095_296);
    const last = unit(1, 256, 128) + unit(9, 128, 256);
    expect(paramsOf(model)[1]).toBe(TRUNK + blocks + 2 * last + predictions(21));
  });

  it('has the multiply-adds of its convolutions', () => {
    const { total, layers, uncounted } = conv.cost(conv.rfbHead(vggLike(), VGG));
    expect(uncounted).toEqual([]);
    // Scores and boxes of the first scale: 38² positions, 9 taps, 512 channels, 6 boxes.
    const named = (name: string): number => layers.find((layer) => layer.name === name)!.macs;
    expect(named('scale_1_scores') + named('scale_1_boxes')).toBe(38 ** 2 * 9 * 512 * 6 * 25);
    expect(named('scale_1')).toBe(38 ** 2 * (1_502_016 - 2 * (10 * 128 + 64 + 96 + 2 * 512)));
    expect(total.macs).toBe(layers.reduce((sum, layer) => sum + layer.macs, 0));
  });

  it('adds the receptive fields of its blocks to that of the trunk', () => {
    const model = conv.rfbHead(vggLike(), VGG);
    // Of 1×1 convolutions of strides 8 and 2; the blocks see 13, and 15 with visual = 2; then 2 · 9 + 1 of stride 2.
    expect(fieldOf(model, 'scale_1').slice(0, 2)).toEqual([1 + 12 * 8, 8]);
    expect(fieldOf(model, 'scale_2').slice(0, 2)).toEqual([1 + 14 * 16, 16]);
  });

  it('without receptive field blocks is the head of SSD 300, with as many boxes', () => {
    const model = conv.rfbHead(vggLike(), { ...VGG, blocks: 'plain' });
    expect(model.outputs[0]!.shape).toEqual([null, 11_620, 21]);
    const squeezed = (inChannels: number, squeeze: number, filters: number): number =>
      unit(1, inChannels, squeeze) + unit(9, squeeze, filters);
    const extras = squeezed(1024, 256, 512) + squeezed(512, 128, 256) + 2 * squeezed(256, 128, 256);
    expect(paramsOf(model)[1]).toBe(TRUNK + extras + predictions(21));
  });

  it('scales its channels and has the requested strides and number of scales', () => {
    const model = conv.rfbHead(tiny(), TINY);
    expect(model.outputs.map(({ shape }) => shape)).toEqual([
      [null, (64 + 16 + 4 + 1) * 6, 3],
      [null, (64 + 16 + 4 + 1) * 6, 4],
    ]);
    expect(weightShapes(model)).toMatchObject({
      'scale_1/project_kernel': [1, 1, 32, 32],
      'scale_3/project_kernel': [1, 1, 48, 64],
      'scale_4_boxes/kernel': [3, 3, 32, 24],
    });
    const momenta = conv
      .rfbHead(tiny(), { ...TINY, normalizationMomentum: 0.5 })
      .layers.filter(({ name }) => name.startsWith('scale_') && !/scores|boxes/.test(name))
      .map((layer) => layer.getConfig().momentum);
    expect(momenta).toEqual([0.5, 0.5, 0.5, 0.5]);
  });

  it('accepts images of any size if height and width are null', () => {
    tf.tidy(() => {
      const model = conv.rfbHead(tiny(null), TINY);
      const [scores, boxes] = model.predict(tf.zeros([2, 32, 40, 2])) as tf.Tensor[];
      expect([scores!.shape, boxes!.shape]).toEqual([
        [2, (8 * 10 + 4 * 5 + 2 * 3 + 1 * 2) * 6, 3],
        [2, (8 * 10 + 4 * 5 + 2 * 3 + 1 * 2) * 6, 4],
      ]);
      model.dispose();
    });
  });

  it.each([
    [{ classes: 1 }, RangeError, 'received classes = 1'],
    [{ scales: 7 }, RangeError, 'there are 6 scales, received scales = 7'],
    [{ scales: 5 }, RangeError, "Cannot build layer 'scale_5_conv': the kernel must fit"],
    [{ blocks: 'ssd' }, RangeError, "received blocks = 'ssd'"],
    [{ layers: ['fine'] }, TypeError, 'layers must be the names of two layers'],
    [{ layers: ['fine', 'fc7'] }, RangeError, "received layers = 'fc7'"],
    [{ alfa: 1 }, TypeError, 'received alfa = 1'],
  ])('rejects %j', (options, kind, message) => {
    expectRefusal(() => conv.rfbHead(tiny(), { ...TINY, ...options } as unknown as conv.RfbHeadOptions), kind, message);
  });

  it('rejects anything but a trunk', () => {
    expectRefusal(
      () => conv.rfbHead('trunk' as unknown as tf.LayersModel, TINY),
      TypeError,
      'trunk must be a tf.LayersModel',
    );
    const flat = tf.sequential({ layers: [tf.layers.dense({ name: 'flat', units: 2, inputShape: [3] })] });
    expectRefusal(
      () => conv.rfbHead(flat, { ...TINY, layers: ['flat', 'flat'] }),
      RangeError,
      'the layers must have one output [n, height, width, channels]',
    );
  });
});

describeBackends(
  'rfbHead()',
  () => {
    it.each(['rfb', 'plain'] as const)(
      'of %s blocks is restored from a file without custom objects',
      async (blocks) => {
        const model = conv.rfbHead(tiny(), { ...TINY, blocks });
        randomize(model);
        const loaded = await loadModel(await saveModel(model));
        const x = randomTensor(1, [1, 32, 32, 2]);
        const [wanted, found] = [model, loaded].map((each) => each.predict(x) as tf.Tensor[]);
        for (const index of [0, 1]) await expectClose(found![index]!, wanted![index]!, 0);
        tf.dispose([x, wanted!, found!]);
        [model, loaded].forEach((each) => each.dispose());
      },
    );

    it('lists boxes by scale, row, column and box of the position', () => {
      tf.tidy(() => {
        const model = conv.rfbHead(tiny(), TINY);
        randomize(model);
        const x = randomTensor(2, [1, 32, 32, 2]);
        const maps = tf.model({ inputs: model.inputs, outputs: model.getLayer('scale_2_boxes').output });
        const [map, list] = [maps.predict(x), (model.predict(x) as tf.Tensor[])[1]] as tf.Tensor[];
        const [wanted, found] = [map!.arraySync() as number[][][][], list!.arraySync() as number[][][]];
        // Behind 8² positions of the first scale, the box 5 of row 2, column 3.
        expect(found[0]![64 * 6 + (2 * 4 + 3) * 6 + 5]).toEqual(wanted[0]![2]![3]!.slice(20, 24));
        model.dispose();
      });
    });

    it('passes a gradient to every weight and leaks no tensor', () => {
      expectTrainsWithoutLeak(
        () => conv.rfbHead(tiny(), TINY),
        () => randomTensor(3, [2, 32, 32, 2]),
      );
    });
  },
  { where: ({ name: backend, variant }) => backend === 'wasm' && variant === undefined },
);
