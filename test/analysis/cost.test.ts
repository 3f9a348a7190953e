/** cost(): published and exact figures, layers of tfjs and of ours, nested and shared ones, and the printed table. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';

beforeAll(() => tf.setBackend('cpu'));

function sequential(...layers: tf.layers.Layer[]): tf.Sequential {
  return tf.sequential({ layers });
}

/** The cost of the only layer of a model. */
function costOf(layer: tf.layers.Layer): conv.LayerCost {
  return conv.cost(sequential(layer)).layers[0]!;
}

const NO_OPS = { bias: 0, normalization: 0, activation: 0, pooling: 0, sampling: 0 };

describe('cost() of MobileNetV1', () => {
  it.each([
    [1, 224, 568_740_352],
    [0.75, 224, 325_400_448],
    [0.5, 224, 149_497_088],
    [0.25, 224, 41_030_272],
    [1, 192, 418_121_728],
    [1, 160, 290_675_200],
    [1, 128, 186_400_768],
  ])('has the exact multiply-adds at alpha %d and %d pixels', (alpha, size, macs) => {
    const model = conv.mobileNetV1({ alpha, inputShape: [null, null, 3] });
    expect(conv.cost(model, { inputShape: [size, size, 3] }).total).toMatchObject({ macs, offsetMacs: 0 });
  });

  it('counts parameters, and reconciles with the profiler of TensorFlow', () => {
    const { total, layers, uncounted } = conv.cost(conv.mobileNetV1());
    expect(total.params).toEqual({ trainable: 4_231_976, nonTrainable: 21_888 });
    // Its 1.140 GFLOP are two for each multiply-add before the classifier and one for each normalised element.
    expect(total.otherOps.normalization).toBe(5_042_688);
    expect(2 * (total.macs - 1_024_000) + total.otherOps.normalization).toBe(1_140_475_392);
    expect(total.otherOps).toMatchObject({ bias: 1000, pooling: 7 * 7 * 1024, sampling: 0 });
    expect(uncounted).toEqual([]);
    const byName = Object.fromEntries(layers.map((layer) => [layer.name, layer]));
    expect(byName.conv1).toMatchObject({ type: 'Conv2D', outputShape: [112, 112, 32], macs: 10_838_016 });
    expect(byName.conv_dw_1).toMatchObject({ params: { trainable: 288, nonTrainable: 0 }, macs: 3_612_672 });
    expect(byName.conv_pw_1).toMatchObject({ params: { trainable: 2048, nonTrainable: 0 }, macs: 25_690_112 });
    const sum = (prefix: string): number =>
      layers.filter(({ name }) => name.startsWith(prefix)).reduce((macs, layer) => macs + layer.macs, 0);
    expect(sum('conv_dw_')).toBe(17_385_984);
    expect(sum('conv_pw_')).toBe(539_492_352);
    expect(sum('conv_preds')).toBe(1_024_000);
  });

  it("has the exact multiply-adds of the paper's baseline, with and without the classifier", () => {
    const { total, layers } = conv.cost(conv.mobileNetV1({ convolution: 'full' }));
    expect(total.macs).toBe(4_867_293_184);
    expect(total.params.trainable).toBe(29_294_088);
    expect(total.macs - layers.find(({ name }) => name === 'conv_preds')!.macs).toBe(4_866_269_184);
  });

  it('counts the convolutions that predict offsets separately', () => {
    const options = { alpha: 0.5, inputShape: [64, 64, 3], classes: 10 };
    const plain = conv.cost(conv.mobileNetV1(options)).total;
    const { total, layers } = conv.cost(conv.mobileNetV1({ ...options, deformable: { last: 1 } }));
    expect(total.macs).toBe(plain.macs);
    // 2×2 positions, 3×3 taps, 512 channels in, 27 out.
    expect(total.offsetMacs).toBe(4 * 9 * 512 * 27);
    const layer = layers.find(({ name }) => name === 'conv_dw_13')!;
    expect(layer.params.trainable).toBe(9 * 512 + 9 * 512 * 27 + 27);
    expect(layer.otherOps).toEqual({ ...NO_OPS, bias: 4 * 27, activation: 4 * 9, sampling: 4 * 9 * 512 });
  });
});

describe('cost() of layers', () => {
  it("counts this package's layers by their arguments", () => {
    expect(
      costOf(conv.layers.conv2d({ filters: 6, kernelSize: [3, 2], groups: 2, strides: 2, inputShape: [9, 8, 4] })),
    ).toMatchObject({ macs: 4 * 4 * 6 * 2 * 6, outputShape: [4, 4, 6], otherOps: { ...NO_OPS, bias: 96 } });
    const separable = conv.layers.depthwiseSeparableConv2d({
      filters: 5,
      kernelSize: 3,
      depthMultiplier: 2,
      midBatchNormalization: true,
      midActivation: 'relu6',
      activation: 'relu',
      useBias: false,
      inputShape: [6, 5, 3],
    });
    expect(costOf(separable)).toMatchObject({
      macs: 12 * (9 * 6 + 6 * 5),
      params: { trainable: 9 * 6 + 6 * 5 + 12, nonTrainable: 12 },
      otherOps: { ...NO_OPS, normalization: 72, activation: 72 + 60 },
    });
  });

  it('counts the offset branch of a deformable layer as published', () => {
    const layer = conv.layers.deformableConv2d({
      filters: 64,
      kernelSize: 3,
      padding: 'same',
      modulated: false,
      useBias: false,
      inputShape: [7, 7, 64],
    });
    const { params, macs, offsetMacs } = costOf(layer);
    expect(params.trainable - 9 * 64 * 64).toBe(10_386);
    expect([macs, offsetMacs]).toEqual([49 * 9 * 64 * 64, 49 * 9 * 64 * 18]);
  });

  it('counts input positions of a transposed convolution', () => {
    const cost = (kernelSize: number, strides: number, size: number, from: number, to: number): number =>
      costOf(tf.layers.conv2dTranspose({ filters: to, kernelSize, strides, inputShape: [size, size, from] })).macs;
    // fvcore#78: a 2×2 kernel with stride 2 from 3 channels over 2×2 positions; ptflops#149; ultralytics/thop#93.
    expect(cost(2, 2, 2, 3, 1)).toBe(48);
    expect(cost(3, 1, 1, 32, 1)).toBe(288);
    expect(cost(4, 2, 8, 4, 6)).toBe(24_576);
  });

  it("counts tfjs's layers for what they do, not for what they ignore", () => {
    const cases: [tf.layers.Layer, Partial<conv.LayerCost>][] = [
      [
        tf.layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [5, 5, 2] }),
        { macs: 25 * 9 * 2 * 4, otherOps: { ...NO_OPS, bias: 100, activation: 100 } },
      ],
      [tf.layers.conv1d({ filters: 4, kernelSize: 3, useBias: false, inputShape: [9, 2] }), { macs: 7 * 3 * 2 * 4 }],
      [tf.layers.conv3d({ filters: 2, kernelSize: 2, inputShape: [3, 4, 5, 2] }), { macs: 2 * 3 * 4 * 8 * 2 * 2 }],
      [
        tf.layers.conv2d({ filters: 2, kernelSize: 3, dataFormat: 'channelsFirst', inputShape: [3, 5, 6] }),
        { macs: 3 * 4 * 9 * 3 * 2 },
      ],
      [
        tf.layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, inputShape: [5, 5, 3] }),
        { macs: 9 * 9 * 6, otherOps: { ...NO_OPS, bias: 54 } },
      ],
      [
        tf.layers.separableConv2d({ filters: 4, kernelSize: 3, useBias: false, inputShape: [5, 5, 3] }),
        { macs: 9 * (9 * 3 + 3 * 4) },
      ],
      [tf.layers.dense({ units: 5, inputShape: [7, 3] }), { macs: 7 * 3 * 5, otherOps: { ...NO_OPS, bias: 35 } }],
      [
        tf.layers.maxPooling2d({ poolSize: [2, 3], strides: 1, inputShape: [4, 4, 2] }),
        { macs: 0, otherOps: { ...NO_OPS, pooling: 3 * 2 * 2 * 6 } },
      ],
      [
        tf.layers.globalAveragePooling2d({ inputShape: [4, 4, 2] }),
        { outputShape: [2], otherOps: { ...NO_OPS, pooling: 32 } },
      ],
      [
        tf.layers.batchNormalization({ inputShape: [4, 4, 2] }),
        { params: { trainable: 4, nonTrainable: 4 }, otherOps: { ...NO_OPS, normalization: 32 } },
      ],
      [tf.layers.reLU({ inputShape: [4] }), { otherOps: { ...NO_OPS, activation: 4 } }],
      [tf.layers.activation({ activation: 'linear', inputShape: [4] }), { otherOps: NO_OPS }],
      [
        tf.layers.upSampling2d({ size: [2, 2], interpolation: 'bilinear', inputShape: [3, 3, 2] }),
        { otherOps: { ...NO_OPS, sampling: 72 } },
      ],
    ];
    for (const [layer, expected] of cases) expect(costOf(layer)).toMatchObject(expected);
  });

  it('counts the denoising autoencoder of Keras', () => {
    const same = { padding: 'same', activation: 'relu', kernelSize: 3 } as const;
    const model = sequential(
      tf.layers.conv2d({ ...same, filters: 32, inputShape: [28, 28, 1] }),
      tf.layers.maxPooling2d({ poolSize: 2, padding: 'same' }),
      tf.layers.conv2d({ ...same, filters: 32 }),
      tf.layers.maxPooling2d({ poolSize: 2, padding: 'same' }),
      tf.layers.conv2dTranspose({ ...same, filters: 32, strides: 2 }),
      tf.layers.conv2dTranspose({ ...same, filters: 32, strides: 2 }),
      tf.layers.conv2d({ ...same, filters: 1 }),
    );
    const { total } = conv.cost(model);
    expect(total.params).toEqual({ trainable: 28_353, nonTrainable: 0 });
    expect(total.macs).toBe(9 * (784 * 32 + 196 * 1024 + 49 * 1024 + 196 * 1024 + 784 * 32));
  });
});

describe('cost() of models', () => {
  it('expands nested models, and counts the weights of a layer that is used twice once', () => {
    const inner = sequential(conv.layers.pointwiseConv2d({ name: 'mix', filters: 3, inputShape: [4, 4, 3] }));
    inner.name = 'inner';
    const input = tf.input({ shape: [4, 4, 3] });
    const shared = conv.layers.pointwiseConv2d({ name: 'shared', filters: 3, useBias: false });
    const once = shared.apply(inner.apply(input)) as tf.SymbolicTensor;
    const output = tf.layers.add({ name: 'sum' }).apply([shared.apply(once) as tf.SymbolicTensor, once]);
    const { layers, total } = conv.cost(tf.model({ inputs: input, outputs: output as tf.SymbolicTensor }));
    expect(layers.map(({ name, macs, params }) => [name, macs, params.trainable])).toEqual([
      ['inner/mix', 144, 12],
      ['shared', 144, 9],
      ['shared', 144, 0],
      ['sum', 0, 0],
    ]);
    expect(total).toMatchObject({ macs: 432, params: { trainable: 21 } });
  });

  it('counts frozen weights as not trainable', () => {
    const layer = conv.layers.conv2d({ filters: 2, kernelSize: 1, trainable: false, inputShape: [2, 2, 2] });
    expect(costOf(layer).params).toEqual({ trainable: 0, nonTrainable: 6 });
  });

  it('works on a model of several inputs', () => {
    const inputs = [tf.input({ shape: [null, null, 2] }), tf.input({ shape: [null, null, 8] })];
    const layer = conv.layers.deformableConv2d({ filters: 3, kernelSize: 2, predictOffsets: false, name: 'deformed' });
    const model = tf.model({ inputs, outputs: layer.apply(inputs) as tf.SymbolicTensor });
    const report = conv.cost(model, {
      inputShape: [
        [5, 4, 2],
        [4, 3, 8],
      ],
    });
    expect(report.total).toMatchObject({ macs: 12 * 4 * 2 * 3, offsetMacs: 0, otherOps: { sampling: 12 * 4 * 2 } });
  });

  it('lists layers that it cannot count, and counts those that describe themselves', () => {
    class Doubling extends tf.layers.Layer {
      static className = 'TestDoubling';
      override computeOutputShape(shape: tf.Shape): tf.Shape {
        return shape;
      }
    }
    class Described extends Doubling implements conv.DescribedLayer {
      static override className = 'TestDescribed';
      describe(): conv.LayerDescription {
        return { otherOps: { activation: 7 }, windows: [{ size: [1, 1], strides: [1, 1], padding: [0, 0] }] };
      }
    }
    const unknown = conv.cost(sequential(new Doubling({ name: 'odd', inputShape: [3] })));
    expect(unknown.uncounted).toEqual(['odd']);
    expect(unknown.toString()).toContain('not counted, as their classes are not described: odd');
    const known = conv.cost(sequential(new Described({ name: 'even', inputShape: [3] })));
    expect(known.uncounted).toEqual([]);
    expect(known.total.otherOps.activation).toBe(7);
  });

  it('counts each step of a sequence: recurrent layers, and layers and models distributed over time', () => {
    const inputShape = [5, 6];
    // Kernel, recurrent kernel and bias of one, three and four gates.
    const counts = (layer: tf.layers.Layer): readonly number[] => {
      const { total, uncounted } = conv.cost(sequential(layer));
      expect(uncounted).toEqual([]);
      return [total.macs, total.otherOps.bias, total.otherOps.activation];
    };
    expect(counts(tf.layers.simpleRNN({ units: 3, inputShape }))).toEqual([5 * (6 * 3 + 3 * 3), 5 * 3, 5 * 3]);
    expect(counts(tf.layers.gru({ units: 3, inputShape }))).toEqual([5 * 3 * (6 * 3 + 3 * 3), 5 * 9, 5 * 9]);
    const lstm = [5 * 4 * (6 * 3 + 3 * 3), 5 * 12, 5 * 15];
    expect(counts(tf.layers.lstm({ units: 3, inputShape }))).toEqual(lstm);
    const cells = [2, 3].map((units) => tf.layers.lstmCell({ units }));
    expect(counts(tf.layers.rnn({ cell: cells, inputShape }))).toEqual([
      5 * 4 * (6 * 2 + 2 * 2 + 2 * 3 + 3 * 3),
      100,
      125,
    ]);
    const layer = tf.layers.lstm({ units: 3, returnSequences: true });
    const both = tf.layers.bidirectional({ layer, mergeMode: 'concat', inputShape });
    expect(counts(both)).toEqual(lstm.map((count) => 2 * count));
    const image = { inputShape: [5, 8, 7, 2] };
    const convLstm = { filters: 4, kernelSize: 3, padding: 'same', ...image } as const;
    const convolved = [5 * 56 * 9 * (2 * 16 + 4 * 16), 5 * 56 * 16, 5 * 56 * 20];
    for (const returnSequences of [false, true]) {
      expect(counts(tf.layers.convLstm2d({ ...convLstm, returnSequences }))).toEqual(convolved);
    }
    const one = tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu' });
    const distributed = [5 * 6 * 5 * 9 * 2 * 4, 5 * 6 * 5 * 4, 5 * 6 * 5 * 4];
    expect(counts(tf.layers.timeDistributed({ layer: one, ...image }))).toEqual(distributed);
    const model = sequential(
      conv.layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [8, 7, 2] }),
    );
    const nested = tf.layers.timeDistributed({ layer: model, ...image });
    expect(counts(nested)).toEqual(distributed);
    expect(counts(tf.layers.embedding({ inputDim: 9, outputDim: 4, inputShape: [5] }))).toEqual([0, 0, 0]);
  });

  it('rejects invalid models and shapes', () => {
    const open = conv.mobileNetV1({ alpha: 0.25, inputShape: [null, null, 3] });
    expect(() => conv.cost(open)).toThrow(
      'Cannot count the cost of the model: all sizes must be known and at least 1; give them as options.inputShape, ' +
        'received inputShape = [null, null, 3]',
    );
    expect(() => conv.cost(open, { inputShape: [224, 224] })).toThrow('received inputShape = [224, 224]');
    expect(() => conv.cost(open, { inputShape: [8, 8, 3] })).toThrow(RangeError);
    const pooled = sequential(tf.layers.maxPooling2d({ poolSize: 3, inputShape: [null, null, 1] }));
    expect(() => conv.cost(pooled, { inputShape: [2, 2, 1] })).toThrow(/must have an output, received output shape/);
    expect(() => conv.cost(tf.layers.flatten() as unknown as tf.LayersModel)).toThrow(TypeError);
  });

  it('leaks no tensor', () => {
    const model = conv.mobileNetV1({ alpha: 0.25, inputShape: [32, 32, 3], deformable: { last: 1 } });
    const before = tf.memory().numTensors;
    conv.cost(model).toString();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('the report of cost()', () => {
  const model = (): tf.LayersModel =>
    sequential(
      conv.layers.deformableConv2d({
        name: 'look',
        filters: 20,
        kernelSize: 3,
        padding: 'same',
        inputShape: [9, 8, 4],
      }),
      conv.layers.batchNormalization({ name: 'norm', activation: 'relu' }),
      tf.layers.globalAveragePooling2d({ name: 'pool' }),
    );

  it('prints as a table', () => {
    expect(String(conv.cost(model())).split('\n')).toEqual([
      'layer  type                       output  params    MACs  offset MACs',
      '─────────────────────────────────────────────────────────────────────',
      'look   DeformableConv2D           9×8×20   1,739  51,840       69,984',
      'norm   BatchNormalization         9×8×20      80       0            0',
      'pool   GlobalAveragePooling2D         20       0       0            0',
      '─────────────────────────────────────────────────────────────────────',
      'total                          for 9×8×4   1,819  51,840       69,984',
      'parameters: 1,779 trainable, 40 not',
      'other operations: bias 3,384, normalization 1,440, activation 2,088, pooling 1,440, sampling 2,592',
    ]);
  });

  it('serialises to JSON without loss', () => {
    const report = conv.cost(model());
    const { inputShapes, layers, total, uncounted } = report;
    expect(JSON.parse(JSON.stringify(report))).toEqual({ inputShapes, layers, total, uncounted });
  });
});
