/** Weights with a constraint, which is applied at each assignment, in a captured training step. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { SGD } from '../../src/training/index.js';
import { describeBackends } from '../support/backends.js';
import { numbers } from './support/numbers.js';

/** A layer whose kernel is held at a norm of at most 1, and an optimizer of its own. */
function trainer(optimizer: tf.Optimizer): { layer: tf.layers.Layer; step: (x: tf.Tensor) => tf.Scalar } {
  const layer = conv.layers.conv2d({
    filters: 3,
    kernelSize: 3,
    kernelInitializer: tf.initializers.constant({ value: 0.3 }),
    kernelConstraint: tf.constraints.maxNorm({ maxValue: 1, axis: 2 }),
  });
  layer.build([null, 6, 5, 2]);
  const step = (x: tf.Tensor): tf.Scalar => {
    const output = (): tf.Scalar => (layer.apply(x) as tf.Tensor).sin().mean();
    return optimizer.minimize(output, true)!;
  };
  return { layer, step };
}

describeBackends(
  'a captured step of a layer with a constraint',
  () => {
    test.each([
      ['our optimizer', () => new SGD({ learningRate: 2 })],
      ['an optimizer of TensorFlow.js', () => tf.train.sgd(2)],
    ])('%s: the weights of an ordinary one', (_name, create) => {
      const x = tf.randomNormal([2, 6, 5, 2], 0, 1, 'float32', 1);
      const run = (isCaptured: boolean): number[][] => {
        const optimizer = create();
        const { layer, step } = trainer(optimizer);
        const captured = isCaptured ? conv.capture(step) : undefined;
        const seen: number[][] = [];
        for (let call = 0; call < 6; call++) {
          numbers(() => (captured ?? step)(x));
          seen.push([...layer.getWeights()[0]!.dataSync()]);
        }
        if (captured) expect(captured.report().signatures.map(({ state }) => state)).toEqual(['replayed']);
        captured?.dispose();
        tf.dispose(layer.getWeights());
        optimizer.dispose();
        return seen;
      };
      const want = run(false);
      expect(want[5]).not.toEqual(want[4]);
      expect(run(true)).toEqual(want);
      x.dispose();
    });
  },
  // WebGPU reads nothing synchronously; its replays assign by the same function as those of WebGL.
  { where: ({ name, variant }) => variant === undefined && name !== 'webgpu' },
);
