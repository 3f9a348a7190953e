/** Kernel gradients of a network on the active backend, and the distance of two sets of them. */
import * as tf from '@tensorflow/tfjs';
import { randomTensor } from '../../layers/support/layers.js';
import { randomize } from './models.js';
import { inputsOf, type Draw, type Network } from './networks.js';

/** Gradient of every kernel by its name. */
export type Gradients = ReadonlyMap<string, Float32Array>;

/** Gradients of ⟨outputs, random numbers⟩ in a training step, for seeded weights and images. */
export function kernelGradients(network: Network, draw: Draw): Gradients {
  const gradients = new Map<string, Float32Array>();
  const model = network.build();
  randomize(model);
  tf.tidy(() => {
    const inputs = inputsOf(network, draw);
    const { grads } = tf.variableGrads(() => {
      const outputs = [model.apply(inputs, { training: true }) as tf.Tensor | tf.Tensor[]].flat();
      return tf.addN(outputs.map((output, index) => tf.sum(tf.mul(output, randomTensor(index, output.shape)))));
    });
    for (const { name, originalName, shape } of model.trainableWeights) {
      // Kernels have two axes and more, biases and normalisations one.
      if (shape.length > 1) gradients.set(originalName, grads[name]!.dataSync().slice() as Float32Array);
    }
  });
  model.dispose();
  return gradients;
}

/** Distance of two sets of gradients: that of the kernel that differs most. */
export interface Distance {
  readonly kernel: string;
  /** ‖a − b‖ / ‖b‖. */
  readonly relative: number;
}

export function furthest(got: Gradients, want: Gradients): Distance {
  let worst: Distance = { kernel: '', relative: 0 };
  for (const [kernel, wanted] of want) {
    const values = got.get(kernel)!;
    let [difference, norm] = [0, 0];
    wanted.forEach((value, index) => {
      difference += (values[index]! - value) ** 2;
      norm += value ** 2;
    });
    const relative = difference === 0 ? 0 : Math.sqrt(difference / norm);
    if (!(relative <= worst.relative)) worst = { kernel, relative };
  }
  return worst;
}
