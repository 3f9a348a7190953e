/** Node displays reports as their tables, for instance in a notebook. */
import { inspect } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';

beforeAll(() => tf.setBackend('cpu'));

test('every report of the analyses is displayed as its text, and JSON contains only its data', async () => {
  const deformable = conv.layers.deformableConv2d({ filters: 2, kernelSize: 3, inputShape: [5, 5, 1] });
  const model = tf.sequential({ layers: [deformable] });
  const x = tf.randomNormal([1, 5, 5, 1], 0, 1, 'float32', 1);
  const reports = [
    conv.cost(model),
    conv.separableSavings(model),
    conv.receptiveField(model),
    await conv.effectiveReceptiveField(model, x),
    await conv.samplingLocations(model, x),
    await conv.compare({ model }, { runs: 1, warmUp: 0 }),
  ];
  for (const report of reports) {
    const text = String(report);
    expect(text).toContain('\n');
    expect(inspect(report)).toBe(text);
    expect(inspect({ report })).toContain(text.split('\n')[0]);
    expect(Object.keys(JSON.parse(JSON.stringify(report)) as object).length).toBeGreaterThan(1);
  }
});
