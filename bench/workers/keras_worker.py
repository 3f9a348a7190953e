"""Keras 3 on TensorFlow as a peer: a training step of MobileNetV1, compiled by tf.function, and the network for LiteRT.js."""

import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import numpy as np
import tensorflow as tf
from serve import THREADS, serve

tf.config.threading.set_intra_op_parallelism_threads(THREADS)
tf.config.threading.set_inter_op_parallelism_threads(THREADS)


def _normalization(channels):
    """Factor, shift, mean and variance that are no neutral ones, the same as in networks.ts."""
    return [centre + 0.1 * np.sin(np.arange(channels) + i) for i, centre in enumerate((1, 0, 0, 1))]


def _network(inputs, params):
    model = keras.applications.MobileNet(
        # The batch is fixed, since LiteRT.js refuses images of a model for any number of them.
        input_tensor=keras.Input(batch_shape=inputs["x"].shape),
        alpha=params["alpha"],
        classes=params["classes"],
        dropout=0.0,
        weights=None,
    )
    with_kernels = [layer for layer in model.layers if any("kernel" in weight.name for weight in layer.weights)]
    for index, layer in enumerate(with_kernels):
        old, *rest = layer.get_weights()
        layer.set_weights([inputs[f"kernel{index}"].reshape(old.shape), *rest])
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights(_normalization(layer.gamma.shape[0]))
    return model


def tflite(inputs, params):
    """Writes the network as a .tflite model, in which normalizations are folded, to the file that the parameters name."""
    model = _network(inputs, params)
    with open(params["file"], "wb") as file:
        file.write(tf.lite.TFLiteConverter.from_keras_model(model).convert())
    return [model(inputs["x"], training=False).numpy()], lambda: None


def training_step(inputs, params):
    x, labels = tf.constant(inputs["x"]), tf.constant(inputs["labels"])
    model = _network(inputs, params)
    optimizer = keras.optimizers.SGD(learning_rate=0.01)
    optimizer.build(model.trainable_variables)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = keras.ops.mean(keras.losses.categorical_crossentropy(labels, model(x, training=True)))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply(gradients, model.trainable_variables)
        return loss

    def run():
        return step().numpy()

    before = model(x, training=False).numpy()
    loss = run()
    kernels = [weight for weight in model.trainable_variables if "kernel" in weight.name]
    return [before, loss.reshape([1]), kernels[0].numpy(), kernels[-1].numpy()], run


serve(
    {"Keras": keras.__version__, "TensorFlow": tf.__version__},
    {"trainingStep": training_step, "tflite": tflite},
)
