/** The table of models in docs/library.md: every network has a row, and the rows are up to date. */
import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as models from '../../src/models/index.js';
import { modelCells, MODEL_ROWS } from '../../scripts/model_table.js';

const text = fs.readFileSync(path.join(__dirname, '../../docs/library.md'), 'utf8');
const table = text.slice(text.indexOf('## Models'), text.indexOf('## Conventions'));
const rows = [...table.matchAll(/^\| (`.*) \|$/gm)].map(([, row]) => row!.split(' | ').map((cell) => cell.trim()));

/** Exports that build no network of their own: they change one, or add a head to it. */
const NO_NETWORK = ['convertToDeformable', 'deformableRFCNHead', 'foldBatchNormalization', 'freeze', 'freezeNormalizations', 'replaceHead', 'rfbHead', 'toStockLayers', 'unfreeze']; // prettier-ignore

/** Number of parameters above which a network takes seconds to build; test/models compares their sizes with published ones. */
const MANY = 6e6;

const paramsOf = ([, , params]: readonly string[]): number => Number(params!.replaceAll(',', ''));

describe('the table of models', () => {
  beforeAll(() => tf.setBackend('cpu'));

  test('has every network', () => {
    const named = new Set(MODEL_ROWS.map(({ code }) => code.replace(/\(.*/, '')));
    expect([...named, ...NO_NETWORK].sort()).toEqual(Object.keys(models).sort());
    expect(rows.map(([code]) => code)).toEqual(MODEL_ROWS.map(({ code }) => `\`${code}\``));
  });

  test.each(rows.filter((row) => paramsOf(row) <= MANY).map((row) => [row[0]!, row] as const))(
    'has the sizes of %s (otherwise: npm run docs -- models)',
    (code, row) => {
      const { numTensors } = tf.memory();
      expect(modelCells(MODEL_ROWS.find((each) => `\`${each.code}\`` === code)!)).toEqual(row);
      expect(tf.memory().numTensors).toBe(numTensors);
    },
  );
});
