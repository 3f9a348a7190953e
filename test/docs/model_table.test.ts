/** The table of models in docs/library.md: every network has a row, and the rows are up to date. */
import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as models from '../../src/models/index.js';
import { modelCells, MODEL_ROWS } from '../../scripts/model_table.js';
import { structureOnly } from '../models/support/structure_only.js';

const text = fs.readFileSync(path.join(__dirname, '../../docs/library.md'), 'utf8');
const table = text.slice(text.indexOf('## Models'), text.indexOf('## Conventions'));
const rows = [...table.matchAll(/^\| (`.*) \|$/gm)].map(([, row]) => row!.split(' | ').map((cell) => cell.trim()));

/** Exports that build no network of their own: they change one, or add a head to it. */
const NO_NETWORK = ['convertToDeformable', 'deformableRFCNHead', 'foldBatchNormalization', 'freeze', 'freezeNormalizations', 'replaceHead', 'rfbHead', 'toStockLayers', 'unfreeze']; // prettier-ignore

describe('the table of models', () => {
  structureOnly();

  test('has every network', () => {
    const named = new Set(MODEL_ROWS.map(({ code }) => code.replace(/\(.*/, '')));
    expect([...named, ...NO_NETWORK].sort()).toEqual(Object.keys(models).sort());
    expect(rows.map(([code]) => code)).toEqual(MODEL_ROWS.map(({ code }) => `\`${code}\``));
  });

  test.each(rows.map((row) => [row[0]!, row] as const))(
    'has the sizes of %s (otherwise: npm run docs -- models)',
    (code, row) => {
      const { numTensors } = tf.memory();
      expect(modelCells(MODEL_ROWS.find((each) => `\`${each.code}\`` === code)!)).toEqual(row);
      expect(tf.memory().numTensors).toBe(numTensors);
    },
  );
});
