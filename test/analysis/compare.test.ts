/** compare(): figures of the other analyses, and latencies measured as reported. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { dataOf } from './support/report.js';

beforeAll(() => tf.setBackend('wasm'));

function network(layer: tf.layers.Layer): tf.LayersModel {
  return tf.sequential({
    layers: [
      conv.layers.conv2d({ name: 'stem', filters: 4, kernelSize: 3, strides: 2, inputShape: [17, 17, 3] }),
      layer,
      tf.layers.globalAveragePooling2d({}),
    ],
  });
}

const ARGS = { name: 'body', filters: 8, kernelSize: 3 } as const;
const plain = (): tf.LayersModel => network(conv.layers.conv2d(ARGS));
const deformable = (): tf.LayersModel => network(conv.layers.deformableConv2d(ARGS));

describe('compare()', () => {
  it('has the figures of cost() and receptiveField(), and ratios to the first', async () => {
    const models = { plain: plain(), deformable: deformable() };
    const report = await conv.compare(models, { runs: 3, warmUp: 1 });
    expect(report).toMatchObject({ backend: 'wasm', batchSize: 1, runs: 3, warmUp: 1, inputShapes: [[17, 17, 3]] });
    const stem = 64 * 27 * 4;
    const [first, second] = report.models as [conv.ComparedModel, conv.ComparedModel];
    expect(first).toMatchObject({
      name: 'plain',
      params: 27 * 4 + 4 + 36 * 8 + 8,
      macs: stem + 36 * 36 * 8,
      offsetMacs: 0,
      receptiveField: { layer: 'body', size: [7, 7], global: false, dataDependent: false },
      ratio: { params: 1, macs: 1, latency: 1 },
    });
    expect(second).toMatchObject({
      name: 'deformable',
      params: first.params + 36 * 27 + 27,
      macs: first.macs,
      offsetMacs: 36 * 36 * 27,
      receptiveField: { size: [7, 7], dataDependent: true },
    });
    expect(second.ratio.params).toBeCloseTo(second.params / first.params, 12);
    expect(second.ratio.macs).toBeCloseTo((second.macs + second.offsetMacs) / first.macs, 12);
    expect(second.ratio.latency).toBeCloseTo(second.latency.median / first.latency.median, 12);
    for (const { latency } of report.models) {
      expect(latency.min).toBeGreaterThan(0);
      expect(latency.median).toBeGreaterThanOrEqual(latency.min);
      expect(latency.max).toBeGreaterThanOrEqual(latency.median);
    }
  });

  it('runs every model as often, and on the batch, as reported', async () => {
    const shapes: number[][] = [];
    const model = plain();
    model.getLayer('stem').setCallHook((x) => {
      shapes.push([x].flat()[0]!.shape);
    });
    const { inputShapes, batchSize } = await conv.compare({ model }, { batchSize: 5, runs: 4, warmUp: 2 });
    expect(shapes).toEqual(new Array(6).fill([5, 17, 17, 3]));
    expect([inputShapes, batchSize]).toEqual([[[17, 17, 3]], 5]);
    shapes.length = 0;
    const report = await conv.compare({ model }, { x: tf.ones([2, 21, 33, 3]), runs: 1, warmUp: 0 }).catch(String);
    // A model that was built for one size is not run on another.
    expect(String(report)).toContain('takes [17, 17, 3] without the batch axis, received x.shape = [21, 33, 3]');
    const open = conv.mobileNetV1({ alpha: 0.25, inputShape: [null, null, 3] });
    const { models } = await conv.compare({ open }, { x: tf.ones([2, 32, 40, 3]), runs: 1, warmUp: 0 });
    expect(models[0]!.macs).toBe(conv.cost(open, { inputShape: [32, 40, 3] }).total.macs);
  });

  it('prints as a table, serialises to JSON without loss, and leaks no tensor', async () => {
    const models = { plain: plain(), deformable: deformable() };
    const before = tf.memory().numTensors;
    const report = await conv.compare(models, { runs: 1, warmUp: 0 });
    expect(tf.memory().numTensors).toBe(before);
    const [header, , first, second, note] = String(report).split('\n');
    expect(header).toMatch(/^model +params +× +MACs +offset MACs +× +receptive field +ms +×$/);
    expect(first).toMatch(/^plain +408 +1\.00 +17,280 +0 +1\.00 +7 +[\d.]+ +1\.00$/);
    expect(second).toMatch(/^deformable +1,407 +3\.45 +17,280 +34,992 +3\.02 +7 +[\d.]+ +[\d.]+$/);
    expect(note).toBe('ms: median of 1 runs after 0 others on wasm, batch 1 × 17×17×3; ×: against plain');
    expect(JSON.parse(JSON.stringify(report))).toEqual(dataOf(report));
  });

  it('rejects invalid models and options', async () => {
    await expect(conv.compare({})).rejects.toThrow('there must be at least one model, received models = 0');
    await expect(conv.compare({ a: 'x' as unknown as tf.LayersModel })).rejects.toThrow(TypeError);
    await expect(conv.compare({ a: plain() }, { runs: 0 })).rejects.toThrow('runs must be an integer of at least 1');
    await expect(conv.compare({ a: plain() }, { batchSize: 0 })).rejects.toThrow('batchSize must be an integer');
    const open = conv.mobileNetV1({ alpha: 0.25, inputShape: [null, null, 3] });
    await expect(conv.compare({ open })).rejects.toThrow('Cannot compare models: all sizes must be known');
    await expect(conv.compare({ open }, { x: tf.ones([1, 8, 8, 3]), inputShape: [8, 8, 3] })).rejects.toThrow(
      'x and inputShape are mutually exclusive',
    );
  });
});
