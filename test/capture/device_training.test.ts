/** Training by replays on a graphics device, bit for bit as by ordinary steps. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { Adam } from '../../src/training/index.js';
import { describeBackends } from '../support/backends.js';
import { expectSameBits } from '../support/compare.js';

const image = (call: number, size = 16): tf.Tensor => tf.randomUniform([2, size, size, 3], -1, 1, 'float32', call + 1);

/** A training step, with a state that is equal each time. */
function training(
  build: () => tf.LayersModel,
  lossOf: (output: tf.Tensor) => tf.Scalar,
): () => { readonly step: (x: tf.Tensor) => tf.Scalar; readonly model: tf.LayersModel; readonly rule: tf.Optimizer } {
  return () => {
    const model = build();
    model.weights.forEach((weight, index) => {
      if (weight.shape.length < 2) return;
      weight.write(tf.tidy(() => tf.randomUniform(weight.shape as number[], -0.3, 0.3, 'float32', index + 1)));
    });
    const rule = new Adam({ learningRate: 0.01 });
    const step = (x: tf.Tensor): tf.Scalar =>
      rule.minimize(() => lossOf(model.apply(x, { training: true }) as tf.Tensor), true)!;
    return { step, model, rule };
  };
}

const squares = (output: tf.Tensor): tf.Scalar => output.square().mean();

/** Down and up again, with a shortcut. */
function hourglass(): tf.LayersModel {
  const input = tf.input({ shape: [16, 16, 3] });
  const wide = conv.layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same' }).apply(input);
  const deep = conv.layers.conv2d({ filters: 6, kernelSize: 3, strides: 2, padding: 'same' }).apply(wide);
  const normal = conv.layers.batchNormalization({ activation: 'relu' }).apply(deep);
  const up = conv.layers.conv2dTranspose({ filters: 4, kernelSize: 2, strides: 2 }).apply(normal);
  const joined = tf.layers.concatenate().apply([wide, up] as tf.SymbolicTensor[]);
  const output = conv.layers.depthwiseConv2d({ kernelSize: 3, padding: 'same' }).apply(joined) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: output });
}

const NETWORKS = [
  [
    'MobileNetV1',
    32,
    training(() => conv.mobileNetV1({ alpha: 0.25, inputShape: [32, 32, 3], classes: 3, dropout: 0 }), squares),
  ],
  ['a small U-Net', 16, training(hourglass, squares)],
] as const;

describeBackends(
  'a replay on the device',
  () => {
    test.each(NETWORKS)(
      'trains %s as ordinary steps do',
      async (_, size, make) => {
        const [usual, other] = [make(), make()];
        const step = conv.capture(other.step);
        for (let call = 0; call < 7; call++) {
          const x = image(call, size);
          await x.data();
          const [want, got] = [tf.tidy(() => usual.step(x)), step(x)];
          await expectSameBits(got, want, `loss ${call}`);
          tf.dispose([x, want, got]);
        }
        for (const [index, weight] of other.model.weights.entries()) {
          await expectSameBits(weight.read(), usual.model.weights[index]!.read(), weight.originalName);
        }
        const [{ state, reason }] = step.report().signatures as [conv.SignatureReport];
        expect([state, reason]).toEqual(['replayed', undefined]);
        step.dispose();
        for (const { model, rule } of [usual, other]) {
          model.dispose();
          rule.dispose();
        }
      },
      300_000,
    );
  },
  { where: ({ name }) => ['webgl', 'webgpu'].includes(name) },
);
