/**
 * The faults of faults.ts once the package is imported and accelerateStockLayers() has been called: which layers of
 * TensorFlow.js then have the gradient of their value, and which do not.
 */
import * as tf from '@tensorflow/tfjs';
import { accelerateStockLayers } from '../../src/index.js';
import { checkLayer } from './check_layer.js';
import { FAULTS, UNMENDED } from './faults.js';
import { LAYER_CASES } from './layer_cases.js';

describe.each(['cpu', 'wasm'] as const)('faults of TensorFlow.js after accelerateStockLayers() [%s]', (backend) => {
  let restore: () => void;
  beforeAll(async () => {
    restore = accelerateStockLayers();
    await tf.setBackend(backend);
  });
  afterAll(() => {
    restore();
  });

  // Pooling has tests of its own.
  const faulty = LAYER_CASES.filter(
    ({ title }) => FAULTS[title]?.[backend] !== undefined && !title.includes('Pooling'),
  );

  test.each(faulty)('$title', async (layer) => {
    const { verdict } = await checkLayer(layer);
    const want = UNMENDED.includes(layer.title) ? FAULTS[layer.title]![backend] : 'right';
    expect({ verdict, kind: verdict.split(':')[0] }).toEqual({ verdict, kind: want });
  });
});
