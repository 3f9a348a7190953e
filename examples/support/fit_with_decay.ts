/** Training with TensorFlow.js's `fit` and Adam with cosine decay of the learning rate; deterministic. */
import * as tf from '@tensorflow/tfjs';
import { Adam, cosineDecay } from 'tfjs-convolutions/training';

/** Inputs and targets; equally many in every epoch. */
export interface Batch {
  readonly x: tf.Tensor;
  readonly y: tf.Tensor;
}

/** Options of {@link fitWithDecay}. */
export interface Training {
  readonly loss: string;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  /** Factors on the steps of single variables, by their names. @default none */
  readonly multipliers?: Readonly<Record<string, number>>;
}

/**
 * Trains a model on its data in order, without shuffling.
 *
 * @param dataOf training data of an epoch, counted from 0; disposed after it
 * @returns duration in seconds
 */
export async function fitWithDecay(
  model: tf.LayersModel,
  dataOf: (epoch: number) => Batch,
  { loss, epochs, batchSize, learningRate, multipliers = {} }: Training,
): Promise<number> {
  const optimizer = new Adam({ learningRate, multipliers });
  model.compile({ optimizer, loss });
  const started = performance.now();
  for (let epoch = 0, step = 0; epoch < epochs; epoch++) {
    const data = dataOf(epoch);
    const total = epochs * Math.ceil(data.x.shape[0] / batchSize);
    const onBatchBegin = (): void => {
      optimizer.learningRate = cosineDecay(learningRate, step++, total);
    };
    const { history } = await model.fit(data.x, data.y, { batchSize, shuffle: false, callbacks: { onBatchBegin } });
    if (process.stderr.isTTY) {
      console.error(`epoch ${epoch + 1} of ${epochs}: loss ${Number(history.loss![0]).toFixed(4)}`);
    }
    tf.dispose([data.x, data.y]);
  }
  optimizer.dispose();
  return (performance.now() - started) / 1000;
}
