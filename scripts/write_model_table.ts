/** Writes the table of docs/library.md, "Models": `npm run docs -- models`. test/docs/model_table.test.ts compares it. */
import * as tf from '@tensorflow/tfjs';
import { modelCells, MODEL_ROWS, MODEL_TITLES } from './model_table.js';
import { writeTable } from './write_table.js';

async function main(): Promise<void> {
  await tf.setBackend('cpu');
  await writeTable('docs/library.md', '## Models', [MODEL_TITLES, ...MODEL_ROWS.map(modelCells)]);
}

void main();
