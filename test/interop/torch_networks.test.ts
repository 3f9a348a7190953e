/** Networks of torchvision and timm: their state dicts, loaded, give their logits, and are saved again bit for bit. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { exportSafetensors, loadSafetensors } from '../../src/interop/index.js';
import { findModules } from '../../src/interop/safetensors/torch_networks.js';
import { decodeSafetensors } from '../../src/support/safetensors.js';
import { stateDict, stateFile, torchImages, torchNetworks, type TorchNetwork } from './support/torch_values.js';

const IMAGE = { inputShape: [64, 96, 3], classes: 10, classifierActivation: 'linear' as const };

/** The same networks here. */
const NETWORKS: Readonly<Record<string, () => tf.LayersModel>> = {
  'torchvision mobilenet_v2': () => conv.mobileNetV2({ ...IMAGE, variant: 'torchvision' }),
  'torchvision mobilenet_v3_small': () => conv.mobileNetV3Small({ ...IMAGE, variant: 'torchvision' }),
  'torchvision mobilenet_v3_large': () => conv.mobileNetV3Large({ ...IMAGE, variant: 'torchvision' }),
  'torchvision shufflenet_v2_x0_5': () => conv.shuffleNetV2({ ...IMAGE, alpha: 0.5, variant: 'torchvision' }),
  'torchvision squeezenet1_0': () => conv.squeezeNet({ ...IMAGE, version: '1.0' }),
  'torchvision squeezenet1_1': () => conv.squeezeNet({ ...IMAGE, version: '1.1' }),
  'torchvision resnext50_4x4d': () => conv.resNeXt50({ ...IMAGE, cardinality: 4 }),
  'torchvision deeplabv3_mobilenet_v3_large': () => conv.deepLabV3({ ...IMAGE, inputShape: [416, 416, 3] }),
  'torchvision deeplabv3_resnet50': () => conv.deepLabV3({ ...IMAGE, inputShape: [208, 208, 3], trunk: 'resNet50' }),
  'timm mobilenetv2_100': () => conv.mobileNetV2({ ...IMAGE, variant: 'timm' }),
  'timm mobilenetv3_small_100': () => conv.mobileNetV3Small({ ...IMAGE, variant: 'timm' }),
  'timm mobilenetv3_large_100': () => conv.mobileNetV3Large({ ...IMAGE, variant: 'timm' }),
};

const MOST_RELATIVE = 1e-4;

const titleOf = ({ library, network }: TorchNetwork): string => `${library} ${network}`;

/** The recorded part of logits [n, classes]: all; of those of pixels, every 32nd row and column. */
function recorded(logits: tf.Tensor): tf.Tensor {
  if (logits.rank === 2) return logits;
  const [n, height, width, classes] = logits.shape as [number, number, number, number];
  return tf.stridedSlice(logits, [0, 0, 0, 0], [n, height, width, classes], [1, 32, 32, 1]);
}

/** Largest difference, relative to the largest number. */
function worstDifference(values: ArrayLike<number>, wanted: readonly number[]): number {
  const largest = Math.max(...wanted.map(Math.abs));
  return Math.max(...wanted.map((value, index) => Math.abs(value - values[index]!))) / largest;
}

describe('state dicts of', () => {
  beforeAll(() => tf.setBackend('wasm'));

  test('resNeXt50 are the same in both libraries', () => {
    const [same, own] = ['torchvision', 'timm'].map((library) =>
      torchNetworks.find((each) => titleOf(each) === `${library} resnext50_4x4d`),
    );
    expect(own).toEqual({ ...same, library: 'timm' });
    const layers = (names: 'torchvision' | 'timm') => findModules(names, new Set(['conv2_block1_0_conv']))!;
    for (const layer of ['conv1_conv', 'conv3_block2_2_bn', 'conv5_block1_0_conv', 'predictions']) {
      expect(layers('timm')(layer, 'kernel')).toEqual(layers('torchvision')(layer, 'kernel'));
    }
  });

  test('other networks are all tested', () => {
    const titles = torchNetworks.map(titleOf).filter((title) => title !== 'timm resnext50_4x4d');
    expect(titles).toEqual(Object.keys(NETWORKS));
  });

  test.each(
    torchNetworks.map((network) => [titleOf(network), network] as const).filter(([title]) => title in NETWORKS),
  )('%s give its logits, and are saved as they were', async (title, network) => {
    const before = tf.memory().numTensors;
    const model = NETWORKS[title]!();
    const names = network.library;
    const wanted = stateDict(network);
    const result = await loadSafetensors(model, stateFile(wanted), { names });
    expect(result).toEqual({ loaded: model.weights.length, missing: [], unknown: [], misshapen: [] });
    const logits = tf.tidy(() => recorded(model.predict(torchImages(network)) as tf.Tensor).dataSync());
    expect(logits).toHaveLength(network.logits.length);
    expect(worstDifference(logits, network.logits)).toBeLessThanOrEqual(MOST_RELATIVE);

    const { tensors } = decodeSafetensors(exportSafetensors(model, { names }), (rule) => {
      throw new Error(rule);
    });
    const saved = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    expect([...saved.keys()].sort()).toEqual(wanted.map(({ name }) => name).sort());
    for (const { name, dtype, shape, bytes } of wanted) {
      const { bytes: found, ...description } = saved.get(name)!;
      expect(description).toEqual({ name, dtype, shape });
      if (!Buffer.from(found.buffer, found.byteOffset, found.length).equals(bytes)) throw new Error(`${name} differs`);
    }
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('torchvision mobilenet_v2 are also those of the trunk of deepLabV3Plus', async () => {
    const network = torchNetworks[0]!;
    const { inputShape } = IMAGE;
    const trunk = conv.deepLabV3Plus({ inputShape, classes: 3, filters: 8, variant: 'torchvision' });
    const whole = NETWORKS['torchvision mobilenet_v2']!();
    const bytes = stateFile(stateDict(network));
    const names = 'torchvision';
    const result = await loadSafetensors(trunk, bytes, { names, skipMismatch: true });
    expect([result.loaded, result.misshapen, result.unknown.length]).toEqual([255, [], 7]);
    expect(result.unknown).toEqual(expect.arrayContaining(['classifier.1.weight [10, 1280]']));
    expect(result.missing.filter((name) => !/^(aspp|decoder_|logits)/.test(name))).toEqual([]);
    await loadSafetensors(whole, bytes, { names });
    // The last layer before strides become dilations.
    const [found, wanted] = [trunk, whole].map((model) => {
      const features = tf.model({ inputs: model.inputs, outputs: model.getLayer('block_12_add').output });
      return tf.tidy(() => (features.predict(torchImages(network)) as tf.Tensor).dataSync());
    });
    expect(worstDifference(found!, [...wanted!])).toBeLessThanOrEqual(1e-6);
    [trunk, whole].forEach((model) => model.dispose());
  });
});
