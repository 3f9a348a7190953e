/**
 * Recomputes the published tables and textbook examples of every convolution: MobileNet's tables, the cost formulas as
 * curves, the receptive fields of dilated stacks, and small examples with exact numbers. Takes some seconds; draws the
 * curves; exits with status 1 if a figure differs from the published one.
 *
 *   npm run example -- examples/node/published_tables.ts [--out runs/published_tables.svg]
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import 'tfjs-convolutions';
import { costCurves } from './published_tables/cost_curves.js';
import { drawCurves } from './published_tables/draw.js';
import { mobileNetTables } from './published_tables/mobilenet.js';
import { receptiveFields } from './published_tables/receptive_fields.js';
import { surveyExamples } from './published_tables/survey.js';
import { print } from './published_tables/table.js';

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { out: { type: 'string', default: 'runs/published_tables.svg' } } });
  await tf.setBackend('wasm');
  const [costs, fields] = [costCurves(), receptiveFields()];
  const tables = {
    ...mobileNetTables(),
    'Multiply-adds of layers against their formulas': costs.statements,
    'Receptive fields of stacked 3×3 convolutions': fields.statements,
    ...(await surveyExamples()),
  };
  let wrong = 0;
  for (const [title, statements] of Object.entries(tables)) wrong += print(title, statements);
  fs.mkdirSync(path.dirname(values.out), { recursive: true });
  fs.writeFileSync(values.out, await drawCurves(costs.points, fields.points));
  const count = Object.values(tables).flat().length;
  console.log(`\n${count - wrong} of ${count} figures as published; curves: ${values.out}`);
  if (wrong > 0) process.exitCode = 1;
}

void main();
