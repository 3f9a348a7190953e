/** MobileNetV1 built from the host's own layers, as in the TensorFlow.js examples: the peer of `mobileNetV1`. */
import * as tf from '@tensorflow/tfjs';

/** Channels and strides of the separable blocks. */
export const MOBILENET_V1_BLOCKS: readonly (readonly [channels: number, strides: number])[] = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
];

export function stockMobileNetV1(size: number, alpha: number, classes: number): tf.LayersModel {
  const input = tf.input({ shape: [size, size, 3] });
  const activate = (x: tf.SymbolicTensor): tf.SymbolicTensor => {
    const normalized = tf.layers.batchNormalization({ epsilon: 1e-3 }).apply(x) as tf.SymbolicTensor;
    return tf.layers.reLU({ maxValue: 6 }).apply(normalized) as tf.SymbolicTensor;
  };
  const convolution = (x: tf.SymbolicTensor, filters: number, kernelSize: number, strides: number) =>
    activate(
      tf.layers
        .conv2d({ filters: Math.floor(filters * alpha), kernelSize, strides, padding: 'same', useBias: false })
        .apply(x) as tf.SymbolicTensor,
    );
  let x = convolution(input, 32, 3, 2);
  for (const [channels, strides] of MOBILENET_V1_BLOCKS) {
    const depthwise = tf.layers.depthwiseConv2d({ kernelSize: 3, strides, padding: 'same', useBias: false });
    x = convolution(activate(depthwise.apply(x) as tf.SymbolicTensor), channels, 1, 1);
  }
  const pooled = tf.layers.globalAveragePooling2d({}).apply(x) as tf.SymbolicTensor;
  const output = tf.layers.dense({ units: classes, activation: 'softmax' }).apply(pooled) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: output });
}
