/** Tests of every image-to-image network: any size, files without custom objects, training, no leaks. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../../src/index.js';
import { describeBackends } from '../../support/backends.js';
import { expectClose } from '../../support/compare.js';
import { expectNoLeak } from '../../support/memory.js';
import { loadModel, randomTensor, saveModel } from '../../layers/support/layers.js';
import { randomize } from './models.js';

/** A network as {@link runDenseTest} takes it. */
export interface DenseCase<Options extends { readonly inputShape?: tf.Shape }> {
  /** Exported name. */
  readonly name: string;
  readonly build: (options: Options) => tf.LayersModel;
  /** A small network, without inputShape. */
  readonly tiny: Options;
  /** [height, width, channels] of a small image, of odd sizes. */
  readonly inputShape: readonly [number, number, number];
  /** Channels of the output. */
  readonly channels: number;
  /** Upsampling factor of the output. @default 1 */
  readonly scale?: number;
  /** True if the channels of each output pixel are probabilities. */
  readonly probabilities: boolean;
  /** Invalid options, the kind of error, and a part of its message. */
  readonly refusals: readonly (readonly [object, new (message: string) => Error, string])[];
}

export function runDenseTest<Options extends { readonly inputShape?: tf.Shape }>(network: DenseCase<Options>): void {
  const { name, build, tiny, inputShape, channels, scale = 1, probabilities, refusals } = network;
  const [height, width, inChannels] = inputShape;
  const make = (shape: tf.Shape = [...inputShape]): tf.LayersModel => build({ ...tiny, inputShape: shape });

  describe(`${name}(), as every image-to-image network`, () => {
    beforeAll(() => tf.setBackend('cpu'));

    it('describes every layer to the analysis', () => {
      const model = make();
      expect(conv.cost(model).uncounted).toEqual([]);
      expect(conv.receptiveField(model).layers.at(-1)!.size[0]).toBeGreaterThan(8);
    });

    it.each([
      [{ clases: 1 }, TypeError, 'received clases = 1'] as const,
      [{ inputShape: [8, 8] }, TypeError, 'received inputShape = [8, 8]'] as const,
      [{ inputShape: [0, 8, 3] }, RangeError, 'received inputShape = 0'] as const,
      ...refusals,
    ])('rejects %j', (options, kind, message) => {
      const attempt = (): unknown => build(options as unknown as Options);
      expect(attempt).toThrow(kind);
      expect(attempt).toThrow(message);
      expect(attempt).toThrow(new RegExp(`^Cannot build ${name}`));
    });
  });

  describeBackends(
    `${name}(), as every image-to-image network`,
    () => {
      it('computes on images of any size if height and width are null', () => {
        const model = make([null, null, inChannels]);
        randomize(model);
        for (const [n, h, w] of [
          [1, height, width],
          [2, height + 6, width + 1],
          [1, height + 9, width + 20],
        ] as const) {
          const x = randomTensor(1, [n, h, w, inChannels]);
          const y = model.predict(x) as tf.Tensor;
          expect(y.shape).toEqual([n, scale * h, scale * w, channels]);
          const sums = tf.tidy(() => tf.sum(y, -1).dataSync());
          expect(sums.every((sum) => Number.isFinite(sum))).toBe(true);
          if (probabilities) expect(sums.every((sum) => Math.abs(sum - 1) < 1e-4)).toBe(true);
          tf.dispose([x, y]);
        }
        model.dispose();
      });

      it('is restored from a file without custom objects', async () => {
        const model = make();
        randomize(model);
        const loaded = await loadModel(await saveModel(model));
        expect(loaded.layers.map((layer) => [layer.name, layer.getClassName()])).toEqual(
          model.layers.map((layer) => [layer.name, layer.getClassName()]),
        );
        const x = randomTensor(3, [1, ...inputShape]);
        await expectClose(loaded.predict(x) as tf.Tensor, model.predict(x) as tf.Tensor, 0);
        tf.dispose(x);
        [model, loaded].forEach((each) => each.dispose());
      });

      it('trains, all weights, and neither training nor prediction leaves a tensor behind', async () => {
        const before = tf.memory().numTensors;
        const model = make();
        randomize(model);
        const start = model.trainableWeights.map((weight) => tf.clone(weight.read()));
        const optimizer = tf.train.adam(0.001);
        model.compile({ optimizer, loss: 'meanSquaredError' });
        const x = randomTensor(4, [2, ...inputShape]);
        const y = randomTensor(5, [2, scale * height, scale * width, channels], 0, 1);
        const fit = async (): Promise<number> => (await model.fit(x, y, { batchSize: 2 })).history.loss![0] as number;
        expect(Number.isFinite(await fit())).toBe(true);
        const trained = tf.memory().numTensors;
        expect(Number.isFinite(await fit())).toBe(true);
        expect(tf.memory().numTensors).toBe(trained);
        const still = model.trainableWeights.filter((weight, index) =>
          tf.tidy(() => tf.max(tf.abs(tf.sub(weight.read(), start[index]!))).dataSync()[0] === 0),
        );
        expect(still.map(({ originalName }) => originalName)).toEqual([]);
        expectNoLeak(() => model.predict(x));
        model.dispose();
        optimizer.dispose();
        tf.dispose([x, y, ...start]);
        expect(tf.memory().numTensors).toBe(before);
      });
    },
    { where: ({ name: backend, variant }) => backend === 'wasm' && variant === undefined },
  );
}
