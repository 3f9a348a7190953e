/** Shared tests of all networks: counting, weights by name, and the behaviour that every classifier has. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../../src/index.js';
import { describeBackends } from '../../support/backends.js';
import { expectClose } from '../../support/compare.js';
import { loadModel, randomTensor, saveModel, weightOf } from '../../layers/support/layers.js';

/** Numbers in weights. */
export function countParams(weights: readonly tf.LayerVariable[]): number {
  return weights.reduce((sum, { shape }) => sum + tf.util.sizeFromShape(shape as number[]), 0);
}

/** [total, trainable] parameters of a model. */
export function paramsOf(model: tf.LayersModel): readonly [number, number] {
  return [model.countParams(), countParams(model.trainableWeights)];
}

/** Gives all weights seeded random values that neither blow the features up nor let them fade over the layers. */
export function randomize(model: tf.LayersModel): void {
  model.weights.forEach((weight, index) => {
    tf.tidy(() => {
      const shape = weight.shape as number[];
      const depthwise = weight.originalName.endsWith('depthwise_kernel');
      const fanIn = depthwise ? shape[0]! * shape[1]! : tf.util.sizeFromShape(shape.slice(0, -1));
      // A ReLU zeroes half of its inputs.
      const reach = shape.length === 4 ? Math.sqrt(6 / fanIn) : 0.5;
      const center = /gamma|variance/.test(weight.originalName) ? 1 : 0;
      weight.write(randomTensor(index, shape, center - reach, center + reach));
    });
  });
}

/** Copies weights by layer and weight name, as far as both models have them. */
export function copyWeights(from: tf.LayersModel, to: tf.LayersModel): void {
  const known = new Map(from.weights.map((weight) => [weight.originalName, weight.read()]));
  for (const weight of to.weights) {
    const value = known.get(weight.originalName);
    if (value !== undefined) weight.write(value);
  }
}

/** Shapes of all weights by layer and weight name. */
export function weightShapes(model: tf.LayersModel): Record<string, tf.Shape> {
  return Object.fromEntries(model.weights.map(({ originalName, shape }) => [originalName, shape]));
}

/** Names of the layers that have weights, in order. */
export function weightedLayers(model: tf.LayersModel): string[] {
  return model.layers.filter(({ weights }) => weights.length > 0).map(({ name }) => name);
}

/** Receptive field before the pooled head: [size, stride, padding], the same on both axes. */
export function fieldOf(model: tf.LayersModel, layer: string): readonly number[] {
  const { size, stride, padding } = conv.receptiveField(model, { layer });
  expect([size[0], stride[0], padding[0]]).toEqual([size[1], stride[1], padding[1]]);
  return [size[0], stride[0], padding[0]];
}

/** Asserts that a training step reaches every trainable weight and that building, training and disposal leak nothing. */
export function expectTrainsWithoutLeak(build: () => tf.LayersModel, inputsOf: () => tf.Tensor | tf.Tensor[]): void {
  const before = tf.memory().numTensors;
  const model = build();
  randomize(model);
  const built = tf.memory().numTensors;
  const missing = tf.tidy(() => {
    const inputs = inputsOf();
    const { grads } = tf.variableGrads(() => {
      const outputs = [model.apply(inputs, { training: true }) as tf.Tensor | tf.Tensor[]].flat();
      return tf.addN(outputs.map((output) => tf.sum(tf.square(output))));
    });
    return model.trainableWeights
      .filter(({ name }) => !(grads[name] !== undefined && tf.max(tf.abs(grads[name])).dataSync()[0]! > 0))
      .map(({ originalName }) => originalName);
  });
  expect(missing).toEqual([]);
  expect(tf.memory().numTensors).toBe(built);
  model.dispose();
  expect(tf.memory().numTensors).toBe(before);
}

/** Invalid options, the kind of error, and a part of its message. */
type Refusal = readonly [object, new (message: string) => Error, string];

/** A network as {@link runClassifierTest} takes it. */
export interface ClassifierCase<Options extends conv.ClassifierOptions> {
  /** Exported name. */
  readonly name: string;
  readonly build: (options: Options) => tf.LayersModel;
  /** A small network, without inputShape, classes, deformable and downsampling. */
  readonly tiny: Options;
  /** Side of the smallest images for `tiny` with two stride-2 layers. */
  readonly size: number;
  /** Convolutions that can be deformable, last ones last. */
  readonly deformable: {
    readonly count: number;
    readonly last: readonly [string, string];
    /** Suffixes of the weights that each of them adds. @default ['/offset_kernel', '/offset_bias'] */
    readonly adds?: readonly string[];
  };
  /** Number of stride-2 layers. */
  readonly strideLayers: number;
  /** True if it has normalisations. @default true */
  readonly normalized?: boolean;
  /** Invalid options of its own, kind of error, end of the message. */
  readonly refusals: readonly Refusal[];
}

/** Tests that every classification network passes. */
export function runClassifierTest<Options extends conv.ClassifierOptions>(network: ClassifierCase<Options>): void {
  const { name, build, tiny, size, deformable, strideLayers, normalized = true } = network;
  const small = { ...tiny, inputShape: [size, size, 2], classes: 3, downsampling: 2 };
  const make = (options: conv.ClassifierOptions = {}): tf.LayersModel => build({ ...small, ...options });
  const last = (model: tf.LayersModel): tf.layers.Layer => model.layers.at(-1)!;

  describe(`${name}(), as every classifier`, () => {
    beforeAll(() => tf.setBackend('cpu'));

    it('ends at the requested output', () => {
      const features = make({ includeTop: false });
      expect(features.outputShape.length).toBe(4);
      const channels = (features.outputShape as tf.Shape)[3];
      expect(make({ includeTop: false, pooling: 'avg' }).outputShape).toEqual([null, channels]);
      expect(last(make({ includeTop: false, pooling: 'avg' })).getClassName()).toBe('GlobalAveragePooling2D');
      expect(last(make({ includeTop: false, pooling: 'max' })).getClassName()).toBe('GlobalMaxPooling2D');
      expect(make().outputShape).toEqual([null, 3]);
      expect(last(make()).getConfig().activation).toBe('softmax');
      expect(last(make({ classifierActivation: 'linear' })).getConfig().activation).toBe('linear');
    });

    it('applies the options dropout, normalizationMomentum and downsampling', () => {
      const model = make({ dropout: 0.4, ...(normalized ? { normalizationMomentum: 0.75 } : {}) });
      const dropouts = model.layers.filter((layer) => layer instanceof conv.Dropout);
      expect(dropouts.map((layer) => layer.getConfig().rate)).toEqual([0.4]);
      const momenta = model.layers.flatMap((layer) =>
        layer.getClassName().endsWith('BatchNormalization') ? [layer.getConfig().momentum] : [],
      );
      expect(momenta.length > 0).toBe(normalized);
      expect(momenta.every((momentum) => momentum === 0.75)).toBe(true);
      const sides = Array.from(
        { length: strideLayers + 1 },
        (_, downsampling) =>
          (build({ ...tiny, inputShape: [128, 128, 1], includeTop: false, downsampling }).outputShape as tf.Shape)[1]!,
      );
      sides.slice(1).forEach((side, index) => {
        expect(side).toBeLessThanOrEqual(Math.ceil(sides[index]! / 2));
        expect(side).toBeGreaterThanOrEqual(1);
      });
      expect(sides[0]).toBeGreaterThan(sides[1]!);
    });

    it('makes its last convolutions deformable under their names', () => {
      const model = make({ deformable: { last: 2, modulated: false } });
      const found = model.layers.filter((layer) => layer.getClassName().endsWith('DeformableConv2D'));
      expect(found.map((layer) => layer.name).sort()).toEqual([...deformable.last].sort());
      expect(found.map((layer) => layer.getConfig().modulated)).toEqual([false, false]);
      const plain = weightShapes(make());
      const more = Object.keys(weightShapes(model)).filter((weight) => !(weight in plain));
      const added = deformable.last.flatMap((layer) =>
        (deformable.adds ?? ['/offset_kernel', '/offset_bias']).map((weight) => `${layer}${weight}`),
      );
      expect(more.sort()).toEqual(added.sort());
      const all = make({ deformable: { last: deformable.count } });
      const count = all.layers.filter((layer) => layer.getClassName().endsWith('DeformableConv2D')).length;
      expect(count).toBe(deformable.count);
    });

    it('describes every layer to the analysis', () => {
      const model = make({ deformable: { last: 1 } });
      expect(conv.cost(model).uncounted).toEqual([]);
      expect(conv.receptiveField(model).layers.at(-1)).toMatchObject({ global: true, dataDependent: true });
    });

    const refusals: readonly Refusal[] = [
      [{ alfa: 1 }, TypeError, 'received alfa = 1'],
      [{ inputShape: [224, 224] }, TypeError, 'received inputShape = [224, 224]'],
      [{ inputShape: [0, 224, 3] }, RangeError, 'received inputShape = 0'],
      [{ classes: 0 }, RangeError, 'received classes = 0'],
      [{ dropout: 1 }, RangeError, 'received dropout = 1'],
      [{ pooling: 'sum' }, RangeError, "received pooling = 'sum'"],
      [{ includeTop: 'no' }, TypeError, "received includeTop = 'no'"],
      [{ normalizationMomentum: 1 }, normalized ? RangeError : TypeError, 'received normalizationMomentum = 1'],
      [{ downsampling: strideLayers + 1 }, RangeError, `received downsampling = ${strideLayers + 1}`],
      [
        { deformable: { last: deformable.count + 1 } },
        RangeError,
        `received deformable.last = ${deformable.count + 1}`,
      ],
      [{ deformable: { last: 1, modulate: true } }, TypeError, 'received deformable.modulate = true'],
      [{ classifierActivation: 'argmax' }, RangeError, "received classifierActivation = 'argmax'"],
      ...network.refusals,
    ];
    it.each(refusals)('rejects %j', (options, kind, message) => {
      const attempt = (): unknown => build(options as unknown as Options);
      expect(attempt).toThrow(kind);
      expect(attempt).toThrow(message);
      expect(attempt).toThrow(new RegExp(`^Cannot build ${name}`));
    });
  });

  describeBackends(
    `${name}(), as every classifier`,
    () => {
      it('computes on images of any size if height and width are null', () => {
        tf.tidy(() => {
          const model = make({ inputShape: [null, null, 1] });
          randomize(model);
          for (const shape of [
            [1, size + 1, size + 6, 1],
            [2, size + 3, size, 1],
          ]) {
            const scores = model.predict(randomTensor(1, shape)) as tf.Tensor;
            expect(scores.shape).toEqual([shape[0], 3]);
            tf.sum(scores, 1)
              .dataSync()
              .forEach((sum) => {
                expect(sum).toBeCloseTo(1, 4);
              });
          }
          model.dispose();
        });
      });

      it('is restored from a file without custom objects', async () => {
        const model = make({ deformable: { last: 2 } });
        randomize(model);
        const loaded = await loadModel(await saveModel(model));
        expect(loaded.layers.map((layer) => [layer.name, layer.getClassName()])).toEqual(
          model.layers.map((layer) => [layer.name, layer.getClassName()]),
        );
        const x = randomTensor(3, [1, size, size, 2]);
        await expectClose(loaded.predict(x) as tf.Tensor, model.predict(x) as tf.Tensor, 0);
        tf.dispose([x]);
        [model, loaded].forEach((each) => each.dispose());
      });

      it('trains a step, offsets included, and leaks no tensor', async () => {
        const before = tf.memory().numTensors;
        const model = make({ deformable: { last: 1 }, dropout: 0 });
        randomize(model);
        const offsets = weightOf(model.getLayer(deformable.last[1]), 'offset_kernel');
        const start = tf.clone(offsets);
        const optimizer = tf.train.sgd(0.01);
        model.compile({ optimizer, loss: 'categoricalCrossentropy' });
        const x = randomTensor(4, [3, size, size, 2]);
        const y = tf.tidy(() => tf.oneHot(tf.tensor1d([0, 1, 2], 'int32'), 3).toFloat());
        const fit = async (): Promise<number> => (await model.fit(x, y, { batchSize: 3 })).history.loss![0] as number;
        expect(Number.isFinite(await fit())).toBe(true);
        const trained = tf.memory().numTensors;
        expect(Number.isFinite(await fit())).toBe(true);
        expect(tf.memory().numTensors).toBe(trained);
        const moved = tf.tidy(() => tf.max(tf.abs(tf.sub(offsets, start))).dataSync()[0]!);
        expect(moved).toBeGreaterThan(0);
        model.dispose();
        optimizer.dispose();
        tf.dispose([x, y, start]);
        expect(tf.memory().numTensors).toBe(before);
      });
    },
    { where: ({ name: backend, variant }) => backend === 'wasm' && variant === undefined },
  );
}
