/**
 * Value of dilation where context matters: two networks that differ only in dilation label every pixel of handwritten
 * digits with its digit. Also prints and draws their theoretical and effective receptive fields.
 *
 * Measured: 9×9 pixels seen, 73.5 % of the ink named right; 17×17 seen, 91.3 %; in all 45 seconds on one of two busy cores.
 *
 *   npm run example -- examples/node/dilated_receptive_fields.ts [--images 2000] [--epochs 5] [--out runs/fields.svg]
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import * as conv from 'tfjs-convolutions';
import { effectiveReceptiveFieldPlot } from 'tfjs-convolutions/plots';
import { loadMnist, takeFirst } from 'tfjs-convolutions/training';
import { greyImages } from '../support/digits.js';
import { namePixels, namesBy, shareOfInk, SIZE, trainStack } from '../support/named_pixels.js';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      images: { type: 'string', default: '2000' },
      epochs: { type: 'string', default: '5' },
      test: { type: 'string', default: '500' },
      out: { type: 'string', default: 'runs/fields.svg' },
    },
  });
  await tf.setBackend('wasm');
  const digits = await loadMnist();
  const train = namePixels(takeFirst(digits.train, Number(values.images)));
  const test = namePixels(takeFirst(digits.test, Number(values.test)));
  const fields: conv.EffectiveReceptiveField[] = [];
  for (const rates of [
    [1, 1, 1, 1],
    [1, 2, 4, 1],
  ]) {
    const { model } = await trainStack(rates, train, Number(values.epochs));
    // The class probabilities of a pixel sum to 1, so the features below them are analysed.
    const layer = model.layers.at(-2)!.name;
    const field = await conv.effectiveReceptiveField(model, greyImages(test.images, SIZE), { layer });
    fields.push(field);
    const right = 100 * shareOfInk(namesBy(model, test), test);
    console.log(`dilations ${rates.join(', ')}: sees ${field.theoretical!.height}, names ${right.toFixed(1)} % right`);
  }
  fs.mkdirSync(path.dirname(values.out), { recursive: true });
  fs.writeFileSync(values.out, await effectiveReceptiveFieldPlot(fields, ['plain', 'dilated']));
}

void main();
