/** MaxPooling2D and AveragePooling2D: the harness, the equally named layers of tfjs, and their description. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { expectClose } from '../support/compare.js';
import { randomTensor } from './support/layers.js';
import { runLayerTest } from './support/run_layer_test.js';

const KINDS = [
  { Layer: conv.MaxPooling2D, factory: 'maxPooling2d', name: 'max_pooling2d' },
  { Layer: conv.AveragePooling2D, factory: 'averagePooling2d', name: 'average_pooling2d' },
] as const;

const EVERY_OPTION: conv.MaxPooling2DArgs = {
  poolSize: [3, 2],
  strides: [2, 1],
  padding: [
    [1, 2],
    [0, 1],
  ],
  dataFormat: 'channelsFirst',
};

for (const { Layer } of KINDS) {
  runLayerTest(Layer.name, {
    Layer,
    args: {},
    inputShapes: [[2, 7, 6, 3]],
    outputShape: [2, 3, 3, 3],
    trainable: {},
  });

  runLayerTest(`${Layer.name} with every option`, {
    Layer,
    args: EVERY_OPTION,
    inputShapes: [[2, 4, 7, 6]],
    outputShape: [2, 4, 4, 6],
    trainable: {},
  });
}

describe.each(KINDS)('$factory', ({ Layer, factory, name }) => {
  beforeAll(() => tf.setBackend('cpu'));

  const make = (args: conv.MaxPooling2DArgs = {}): tf.layers.Layer => conv.layers[factory](args);

  test('has the defaults and the names of Keras', () => {
    const layer = make();
    expect(layer).toBeInstanceOf(Layer);
    expect(layer.name).toMatch(new RegExp(`^${name}(_\\d+)?$`));
    expect(layer.getConfig()).toMatchObject({ poolSize: [2, 2], strides: [2, 2], padding: 'valid' });
    expect(make({ poolSize: [3, 2], strides: null }).getConfig()).toMatchObject({ strides: [3, 2] });
  });

  const windows = (['same', 'valid'] as const).flatMap((padding) =>
    [1, 2, 3].flatMap((poolSize) => [1, 2, 3].map((strides) => ({ poolSize, strides, padding }))),
  );

  test.each(windows)('matches values and description of the layer of tfjs: %p', async (window) => {
    const [ours, hosts] = [make(window), tf.layers[factory](window)];
    const x = randomTensor(3, [2, 7, 8, 5]);
    await expectClose(ours.apply(x) as tf.Tensor, hosts.apply(x) as tf.Tensor, 1e-6);
    const [own, stock] = [make(window), tf.layers[factory](window)].map((layer) => {
      const input = tf.input({ shape: [7, 8, 5] });
      return tf.model({ inputs: input, outputs: layer.apply(input) as tf.SymbolicTensor });
    }) as [tf.LayersModel, tf.LayersModel];
    expect(own.outputShape).toEqual(stock.outputShape);
    expect(conv.cost(own).total).toEqual(conv.cost(stock).total);
    const [mine, theirs] = [own, stock].map((model) => conv.receptiveField(model).layers.at(-1)!);
    expect(mine!.size.length).toBe(2);
    expect([mine!.size, mine!.stride, mine!.padding]).toEqual([theirs!.size, theirs!.stride, theirs!.padding]);
  });

  test('keeps unknown sizes unknown', () => {
    const input = tf.input({ shape: [null, 9, 4] });
    expect((make({ poolSize: 3, padding: 'same' }).apply(input) as tf.SymbolicTensor).shape).toEqual([
      null,
      null,
      3,
      4,
    ]);
  });

  test.each([
    [{ pool_size: 2 }, TypeError, 'received pool_size = 2'],
    [{ poolSize: 0 }, RangeError, 'received poolSize = 0'],
    [{ poolSize: [2, 2, 2] }, TypeError, 'received poolSize = [2, 2, 2]'],
    [{ strides: 0.5 }, RangeError, 'received strides = 0.5'],
    [{ padding: 'causal' }, RangeError, "received padding = 'causal'"],
    [{ dilationRate: 2 }, TypeError, 'received dilationRate = 2'],
  ] as const)('rejects %p', (args, kind, message) => {
    const attempt = (): unknown => make({ ...args, name: 'mine' } as unknown as conv.MaxPooling2DArgs);
    expect(attempt).toThrow(kind);
    expect(attempt).toThrow(/^Cannot build layer 'mine': /);
    expect(attempt).toThrow(message);
  });
});
