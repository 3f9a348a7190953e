/** separableSavings(): the paper's ratio, measured on models. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';

beforeAll(() => tf.setBackend('cpu'));

describe('separableSavings()', () => {
  it("finds 1/N + 1/K² in each block of MobileNetV1, and the paper's baseline as the full form", () => {
    const { blocks, total } = conv.separableSavings(conv.mobileNetV1());
    expect(blocks.map(({ depthwise, pointwise }) => [depthwise, pointwise])).toEqual(
      Array.from({ length: 13 }, (_, index) => [`conv_dw_${index + 1}`, `conv_pw_${index + 1}`]),
    );
    for (const { ratio, predicted, outChannels } of blocks) {
      expect(predicted).toBeCloseTo(1 / outChannels + 1 / 9, 15);
      expect(ratio).toBeCloseTo(predicted, 12);
    }
    const full = conv.cost(conv.mobileNetV1({ convolution: 'full' }));
    blocks.forEach((block, index) => {
      expect(full.layers.find(({ name }) => name === `conv_${index + 1}`)!.macs).toBe(block.fullMacs);
    });
    // Without stem and classifier, which both networks share.
    expect(total.macs).toBe(568_740_352 - 10_838_016 - 1_024_000);
    expect(total.fullMacs).toBe(4_867_293_184 - 10_838_016 - 1_024_000);
    expect(total.ratio).toBe(total.macs / total.fullMacs);
  });

  it('finds both parts in one layer, ours and that of tfjs', () => {
    const args = { filters: 16, kernelSize: [3, 5] as [number, number], depthMultiplier: 2 };
    for (const layer of [
      conv.layers.depthwiseSeparableConv2d({ ...args, name: 'both', inputShape: [9, 9, 4] }),
      tf.layers.separableConv2d({ ...args, name: 'both', inputShape: [9, 9, 4] }),
    ]) {
      const { blocks } = conv.separableSavings(tf.sequential({ layers: [layer] }));
      expect(blocks).toEqual([
        {
          depthwise: 'both',
          pointwise: 'both',
          kernelSize: [3, 5],
          inChannels: 4,
          outChannels: 16,
          macs: 35 * (15 * 8 + 8 * 16),
          fullMacs: 35 * 15 * 4 * 16,
          ratio: (15 * 8 + 8 * 16) / (15 * 4 * 16),
          predicted: 2 * (1 / 16 + 1 / 15),
        },
      ]);
      expect(blocks[0]!.ratio).toBeCloseTo(blocks[0]!.predicted, 15);
    }
  });

  it('counts deformable blocks without their offset convolution', () => {
    const options = { alpha: 0.25, inputShape: [32, 32, 3] };
    const plain = conv.separableSavings(conv.mobileNetV1(options));
    const deformable = conv.separableSavings(conv.mobileNetV1({ ...options, deformable: { last: 3 } }));
    expect(deformable.blocks).toEqual(plain.blocks);
  });

  it('finds nothing where there is none', () => {
    const pooled = tf.sequential({
      layers: [
        conv.layers.depthwiseConv2d({ kernelSize: 3, inputShape: [9, 9, 4] }),
        tf.layers.maxPooling2d({ poolSize: 3, strides: 1 }),
        conv.layers.pointwiseConv2d({ filters: 3 }),
      ],
    });
    const grouped = tf.sequential({
      layers: [
        conv.layers.depthwiseConv2d({ kernelSize: 3, inputShape: [9, 9, 4] }),
        conv.layers.pointwiseConv2d({ filters: 4, groups: 2 }),
        conv.layers.pointwiseConv2d({ filters: 4 }),
      ],
    });
    for (const model of [pooled, grouped, conv.mobileNetV1({ alpha: 0.25, convolution: 'full' })]) {
      expect(conv.separableSavings(model)).toMatchObject({ blocks: [], total: { macs: 0, fullMacs: 0, ratio: 1 } });
    }
  });

  it('prints as a table', () => {
    const layers = [
      conv.layers.depthwiseConv2d({ name: 'dw', kernelSize: 3, padding: 'same', inputShape: [10, 10, 8] }),
      conv.layers.batchNormalization({ name: 'norm' }),
      conv.layers.pointwiseConv2d({ name: 'pw', filters: 20 }),
    ];
    expect(String(conv.separableSavings(tf.sequential({ layers }))).split('\n')).toEqual([
      'block    kernel  channels  separable MACs  full MACs   ratio  1/N + 1/K²',
      '────────────────────────────────────────────────────────────────────────',
      'dw → pw  3×3       8 → 20          23,200    144,000  0.1611      0.1611',
      '────────────────────────────────────────────────────────────────────────',
      'total                              23,200    144,000  0.1611',
    ]);
  });
});
