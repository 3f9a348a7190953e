/** A long training run takes no more memory than its first steps. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { Adam } from '../../src/training/adam.js';
import { describeBackends } from '../support/backends.js';
import { Random } from '../support/random.js';

const WARM_UP = 20;
const STEPS = 120;

/** Memory of a backend besides its tensors, as far as it is accessible. */
interface Backend {
  /** The Emscripten module of the wasm backend. */
  readonly wasm?: { readonly HEAPU8?: Uint8Array };
  /** Tensors in TensorFlow's own memory. */
  readonly getNumOfTFTensors?: () => number;
}

interface Held {
  readonly tensors: number;
  readonly buffers: number;
  readonly bytes: number;
  readonly heapBytes: number | undefined;
  readonly nativeTensors: number | undefined;
  readonly gpuBytes: number | undefined;
}

function held(): Held {
  const { numTensors, numDataBuffers, numBytes } = tf.memory();
  const backend = tf.backend() as unknown as Backend;
  return {
    tensors: numTensors,
    buffers: numDataBuffers,
    bytes: numBytes,
    heapBytes: backend.wasm?.HEAPU8?.byteLength,
    nativeTensors: backend.getNumOfTFTensors?.(),
    gpuBytes: (tf.memory() as { numBytesInGPU?: number }).numBytesInGPU,
  };
}

function randomTensor<R extends tf.Rank>(seed: number, shape: tf.ShapeMap[R]): tf.Tensor<R> {
  return tf.tensor(Float32Array.from(new Random(seed).array(shape).data), shape);
}

/** A small network with every kind of kernel, as a loss of its weights. */
function network(): { readonly weights: tf.Variable[]; readonly loss: () => tf.Scalar } {
  const weight = (seed: number, ...shape: [number, number, number, number]): tf.Variable<tf.Rank.R4> =>
    tf.tidy(() => tf.variable(randomTensor<tf.Rank.R4>(seed, shape)));
  const x = randomTensor<tf.Rank.R4>(1, [2, 6, 6, 3]);
  const boxes = tf.tensor2d([
    [0, 0, 8, 8],
    [1, 2, 9, 5],
  ]);
  const boxIndices = tf.tensor1d([0, 1], 'int32');
  const stem = weight(2, 3, 3, 3, 4);
  const depthwise = weight(3, 3, 3, 4, 1);
  const where = weight(4, 3, 3, 4, 18);
  const deformable = weight(5, 3, 3, 4, 4);
  const transposed = weight(6, 2, 2, 4, 4);
  const bias = tf.variable(tf.zeros<tf.Rank.R1>([4]));
  const loss = (): tf.Scalar => {
    const features = conv.conv2d(x, stem, { padding: 'same', bias });
    const { y } = conv.batchNorm(conv.depthwiseConv2d(features, depthwise, { padding: 1 }), { activation: 'relu' });
    const image = y;
    const offset = conv.conv2d(image, where, { padding: 1 });
    const sampled = conv.deformConv2d(image, offset, deformable, { padding: 1 });
    const large = conv.conv2dTranspose(sampled, transposed, { strides: 2 });
    const regions = conv.roiAlign(large, boxes, boxIndices, { outputSize: 2, samplingRatio: 2, aligned: true });
    return tf.mean(tf.square(regions));
  };
  return { weights: [stem, depthwise, where, deformable, transposed, bias], loss };
}

describeBackends('A training run', () => {
  test(`holds after ${STEPS} steps what it held after ${WARM_UP}`, async () => {
    const { weights, loss } = network();
    const optimizer = new Adam({ learningRate: 0.001 });
    const step = async (): Promise<number> => {
      const value = optimizer.minimize(loss, true, weights)!;
      const [number] = await value.data();
      value.dispose();
      return number!;
    };
    let last = 0;
    const first = await step();
    for (let done = 1; done < WARM_UP; done++) await step();
    const before = held();
    for (let done = WARM_UP; done < STEPS; done++) last = await step();
    expect(held()).toEqual(before);
    expect(last).toBeLessThan(first);
    optimizer.dispose();
    tf.dispose(weights);
  });
});
