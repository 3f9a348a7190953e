/** A training step of MobileNetV2 whose blocks are computed again: the same bits, and less memory. */
import * as tf from '@tensorflow/tfjs';
import { isVariable } from '../../src/support/tensor_tree.js';
import * as conv from '../../src/index.js';
import { describeBackends } from '../support/backends.js';
import { expectSameBits } from '../support/compare.js';

type Features = (x: tf.Tensor) => tf.Tensor;

/** Runs a model layer by layer in training mode, one block after another. */
function inBlocks(model: tf.LayersModel, wrap: (block: Features) => Features): Features {
  const blocks = new Map<string, tf.layers.Layer[]>();
  for (const layer of model.layers.slice(1)) {
    const name = /^(expanded_conv|block_\d+)_/.exec(layer.name)?.[1] ?? (blocks.size === 0 ? 'stem' : 'head');
    const key = blocks.size === 1 && blocks.has('stem') && name === 'head' ? 'stem' : name;
    blocks.set(key, [...(blocks.get(key) ?? []), layer]);
  }
  const runs = [...blocks.values()].map((layers) => {
    const [first] = layers;
    return wrap((x) => {
      const values = new Map([[(first!.input as tf.SymbolicTensor).id, x]]);
      for (const layer of layers) {
        const inputs = [layer.input].flat().map(({ id }) => values.get(id)!);
        const y = layer.apply(inputs.length === 1 ? inputs[0]! : inputs, { training: true }) as tf.Tensor;
        values.set((layer.output as tf.SymbolicTensor).id, y);
      }
      return values.get((layers.at(-1)!.output as tf.SymbolicTensor).id)!;
    });
  });
  return (x) => runs.reduce((y, run) => run(y), x);
}

interface Step {
  readonly value: tf.Tensor;
  readonly grads: tf.Tensor[];
  readonly averages: tf.Tensor[];
  readonly peakBytes: number;
}

async function stepOf(model: tf.LayersModel, x: tf.Tensor, wrap: (block: Features) => Features): Promise<Step> {
  const features = inBlocks(model, wrap);
  const trained = model.trainableWeights.map((weight) => weight.read()).filter(isVariable);
  const before = tf.memory().numBytes;
  const results: Pick<Step, 'value' | 'grads'>[] = [];
  const { peakBytes } = await tf.profile(() => {
    const { value, grads } = tf.variableGrads(() => features(x).square().sum(), trained);
    results.push({ value, grads: trained.map(({ name }) => grads[name]!) });
  });
  const averages = model.weights.map((weight) => weight.read().clone());
  return { ...results[0]!, averages, peakBytes: peakBytes - before };
}

describeBackends(
  'checkpoint() in MobileNetV2',
  () => {
    it('changes no bit of a step, and lowers its peak', async () => {
      const model = conv.mobileNetV2({ alpha: 0.35, inputShape: [96, 96, 3], classes: 10, dropout: 0.2 });
      const initial = model.getWeights().map((weight) => weight.clone());
      const x = tf.randomUniform([4, 96, 96, 3], -1, 1, 'float32', 3);
      const tensors = tf.memory().numTensors;
      const random = jest.spyOn(Math, 'random').mockReturnValue(0.3);
      const usual = await stepOf(model, x, (block) => block);
      model.setWeights(initial);
      const low = await stepOf(model, x, conv.checkpoint);
      random.mockRestore();
      await expectSameBits(low.value, usual.value, 'loss');
      for (const [index, grad] of low.grads.entries()) {
        await expectSameBits(grad, usual.grads[index]!, `gradient ${index}`);
      }
      for (const [index, average] of low.averages.entries()) {
        await expectSameBits(average, usual.averages[index]!, `weight ${index}`);
      }
      expect(low.peakBytes).toBeLessThan(0.45 * usual.peakBytes);
      for (const { value, grads, averages } of [usual, low]) tf.dispose([value, ...grads, ...averages]);
      expect(tf.memory().numTensors).toBe(tensors);
      tf.dispose([x, ...initial]);
      model.dispose();
    }, 120_000);
  },
  { where: ({ name, variant }) => name === 'wasm' && variant === undefined },
);
