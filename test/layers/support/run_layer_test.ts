/**
 * Harness that every layer passes on every backend: symbolic shapes equal the eager ones, weights have the declared
 * names and shapes, the config survives a JSON round trip, a saved model gives the same values, training lowers the
 * loss, and no tensor leaks.
 */
import * as tf from '@tensorflow/tfjs';
import { describeBackends } from '../../support/backends.js';
import { expectClose } from '../../support/compare.js';
import { expectNoLeak } from '../../support/memory.js';
import { useUniformShapes } from '../../support/uniform_shapes.js';
import { callLayer, loadModel, randomizeWeights, randomTensor, saveModel, weightName } from './layers.js';

/** One layer with one set of arguments, whose type comes from the constructor; `undefined` if they are optional. */
export interface LayerTest<Args extends object | undefined> {
  readonly Layer: new (args: Args) => tf.layers.Layer;
  readonly args: NonNullable<NoInfer<Args>>;
  /** One shape per input, including the batch axis. */
  readonly inputShapes: readonly (readonly number[])[];
  /** Inputs, by index, that are not features: not random, and without gradient. @default none */
  readonly given?: Readonly<Record<number, () => tf.Tensor>>;
  readonly outputShape: readonly number[];
  /** Whether to check gradients in inference mode: in training mode a shift before a normalisation has none. @default false */
  readonly gradientsOfInference?: boolean;
  /** Trainable weights and their shapes, in order. */
  readonly trainable: Readonly<Record<string, readonly number[]>>;
  /** Non-trainable weights and their shapes, in order. @default none */
  readonly nonTrainable?: Readonly<Record<string, readonly number[]>>;
}

export function runLayerTest<Args extends object | undefined>(title: string, test: LayerTest<Args>): void {
  const { Layer, args, inputShapes, given = {}, outputShape, trainable, nonTrainable = {} } = test;
  const { gradientsOfInference = false } = test;

  const inputsOf = (seed: number): tf.Tensor[] =>
    inputShapes.map((shape, index) => given[index]?.() ?? randomTensor(seed + index, shape));
  const single = <T>(values: T[]): T | T[] => (values.length === 1 ? values[0]! : values);
  const create = (seed: number): tf.layers.Layer => {
    const layer = new Layer(args);
    tf.tidy(() => callLayer(layer, single(inputsOf(0))));
    randomizeWeights(layer, seed);
    return layer;
  };
  const symbolicInputs = (): tf.SymbolicTensor[] =>
    inputShapes.map((shape, index) =>
      tf.input({ shape: shape.slice(1), dtype: tf.tidy(() => given[index]?.().dtype ?? 'float32') }),
    );
  const hasWeights = Object.keys(trainable).length > 0;
  // For a layer without weights, a preceding layer is trained.
  const modelOf = (layer: tf.layers.Layer, seed: number): tf.LayersModel => {
    const inputs = symbolicInputs();
    const channels = inputShapes[0]!.at(-1)!;
    const kernel = tf.layers.conv2d({
      filters: channels,
      kernelSize: 1,
      kernelInitializer: tf.initializers.glorotUniform({ seed }),
    });
    const first = hasWeights ? inputs[0]! : (kernel.apply(inputs[0]!) as tf.SymbolicTensor);
    return tf.model({ inputs, outputs: layer.apply(single([first, ...inputs.slice(1)])) as tf.SymbolicTensor });
  };
  const shapesOf = (weights: readonly tf.LayerVariable[]): [string, unknown][] =>
    weights.map((weight) => [weightName(weight), weight.shape]);

  describeBackends(title, (backend) => {
    useUniformShapes(backend);

    it('has the same symbolic and eager output shape', () => {
      const layer = new Layer(args);
      const batchShapes = inputShapes.map((shape) => [...shape]);
      expect(layer.computeOutputShape(single(batchShapes) as tf.Shape)).toEqual(outputShape);
      expect((layer.apply(single(symbolicInputs())) as tf.SymbolicTensor).shape).toEqual([
        null,
        ...outputShape.slice(1),
      ]);
      expect(callLayer(layer, single(inputsOf(1))).shape).toEqual(outputShape);
    });

    it('has the declared weights', () => {
      const layer = create(1);
      expect(shapesOf(layer.trainableWeights)).toEqual(Object.entries(trainable));
      expect(shapesOf(layer.nonTrainableWeights)).toEqual(Object.entries(nonTrainable));
    });

    it('keeps its whole config in a JSON round trip', () => {
      const layer = new Layer({ ...args, name: 'original', trainable: false });
      const config = layer.getConfig();
      const copy = new Layer(JSON.parse(JSON.stringify(config)) as Args);
      expect(copy.getConfig()).toStrictEqual(config);
      expect(config).toMatchObject({ name: 'original', trainable: false });
      expect(Object.keys(config)).toEqual(expect.arrayContaining(Object.keys(args)));
    });

    it('gives the same values after saving and loading', async () => {
      const model = modelOf(create(2), 2);
      const inputs = single(inputsOf(3));
      const loaded = await loadModel(await saveModel(model));
      const [layer, restored] = [model, loaded].map(({ layers }) => layers.at(-1)!);
      expect(restored!.getClassName()).toBe(layer!.getClassName());
      expect(restored!.getConfig()).toEqual(layer!.getConfig());
      // tfjs reapplies a constraint to the weights that it loads, dividing by their norm plus the backend's epsilon:
      // 1e-7, or 1e-4 on webgl if it considers the device limited to float16.
      const constrained = Object.keys(args).some((name) => name.endsWith('Constraint'));
      const tolerance = constrained ? 100 * tf.backend().epsilon() : 0;
      await expectClose(loaded.predict(inputs) as tf.Tensor, model.predict(inputs) as tf.Tensor, tolerance);
    });

    it('learns to match another layer with the same config', async () => {
      const inputs = inputsOf(4);
      const target = hasWeights
        ? callLayer(create(5), single(inputs), true)
        : (modelOf(create(5), 5).predict(single(inputs)) as tf.Tensor);
      const model = modelOf(create(6), 6);
      model.compile({ optimizer: tf.train.adam(0.1), loss: 'meanSquaredError' });
      const batchSize = inputShapes[0]![0]!;
      const { history } = await model.fit(single(inputs), target, { epochs: 10, batchSize, shuffle: false });
      const losses = history.loss as number[];
      expect(losses.at(-1)!).toBeLessThan(0.85 * losses[0]!);
    });

    it('passes a gradient to every trainable weight and to the inputs', async () => {
      const layer = create(7);
      const inputs = inputsOf(8);
      const loss = (): tf.Scalar => tf.sum(tf.square(callLayer(layer, single(inputs), !gradientsOfInference)));
      const grads = hasWeights ? tf.variableGrads(loss).grads : {};
      const features = inputs.filter((_, index) => !(index in given));
      const withFeatures = (xs: tf.Tensor[]): tf.Tensor[] =>
        inputs.map((input, index) => xs[features.indexOf(input)] ?? given[index]!());
      const inputGrads = tf.grads((...xs) =>
        tf.sum(tf.square(callLayer(layer, single(withFeatures(xs)), !gradientsOfInference))),
      )(features);
      const gradients = new Map<string, tf.Tensor | undefined>([
        ...layer.trainableWeights.map(({ name }) => [name, grads[name]] as const),
        ...inputGrads.map((gradient, index) => [`input ${index}`, gradient] as const),
      ]);
      for (const [name, gradient] of gradients) {
        const largest = gradient === undefined ? 0 : (await tf.max(tf.abs(gradient)).data())[0]!;
        expect({ name, flows: largest > 1e-6 && Number.isFinite(largest) }).toEqual({ name, flows: true });
      }
    });

    it('leaks no tensor', async () => {
      const layer = create(9);
      const inputs = inputsOf(10);
      expectNoLeak(() => callLayer(layer, single(inputs)));
      expectNoLeak(() => callLayer(layer, single(inputs), true));
      const before = tf.memory().numTensors;
      const model = modelOf(new Layer(args), 11);
      const target = tf.zeros([...outputShape]);
      const optimizer = tf.train.sgd(0.01);
      model.compile({ optimizer, loss: 'meanSquaredError' });
      await model.fit(single(inputs), target, { epochs: 1 });
      const trained = tf.memory().numTensors;
      await model.fit(single(inputs), target, { epochs: 2 });
      expect(tf.memory().numTensors).toBe(trained);
      tf.dispose(target);
      model.dispose();
      optimizer.dispose();
      expect(tf.memory().numTensors).toBe(before);
    });
  });
}
