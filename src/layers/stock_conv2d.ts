/**
 * Dilated `tf.layers.conv2d`: its layer calls the fused operator, which refuses the gradient of any dilation before a kernel
 * is run.
 */
import * as tf from '@tensorflow/tfjs';

type Call = tf.layers.Layer['call'];

/** The part of the layer that its call reads. */
interface StockConv2D {
  readonly dilationRate: readonly [number, number];
  readonly strides: [number, number];
  readonly padding: 'same' | 'valid';
  readonly dataFormat: 'channelsFirst' | 'channelsLast';
  readonly kernel: { read(): tf.Tensor4D };
  readonly bias: { read(): tf.Tensor1D } | null;
  readonly activation: { apply(x: tf.Tensor): tf.Tensor } | null;
  invokeCallHook(inputs: tf.Tensor | tf.Tensor[], options: object): void;
}

/** Makes the call of a layer of TensorFlow.js differentiable where it is dilated; other layers are called as ever. */
export function callDilated(host: Call): Call {
  return function (this: tf.layers.Layer, inputs, options) {
    const layer = this as unknown as StockConv2D;
    const { dilationRate, strides, padding, dataFormat, kernel, bias, activation } = layer;
    if (dilationRate.every((rate) => rate === 1)) return host.call(this, inputs, options);
    return tf.tidy(() => {
      layer.invokeCallHook(inputs, options);
      const [given] = [inputs].flat() as [tf.Tensor4D];
      const isFirst = dataFormat === 'channelsFirst';
      const x = isFirst ? tf.transpose(given, [0, 2, 3, 1]) : given;
      let y: tf.Tensor = tf.conv2d(x, kernel.read(), strides, padding, 'NHWC', [...dilationRate]);
      if (bias !== null) y = tf.add(y, bias.read());
      if (isFirst) y = tf.transpose(y, [0, 3, 1, 2]);
      return activation === null ? y : activation.apply(y);
    });
  };
}
