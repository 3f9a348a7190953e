/**
 * Adaptation by offsets alone. A small network learns clothes of one size and is then frozen. On clothes that are up to
 * 2.5 times smaller and shifted it fails; its last three convolutions become deformable, and only their offsets are
 * trained. A control trains only batch normalisation instead: any gain beyond it is due to the sampling locations.
 *
 * Fashion-MNIST, 6,000 images to train on and 2,000 to test with; the experiment is that of
 * https://github.com/kastnerkyle/deform-conv (Lau, 2017), with a true offset for every tap, and with the control.
 *
 * With seed 0 (and 1): 85.2 % (83.9 %) on plain images; on scaled ones 25.5 % (22.3 %) without adaptation, 52.2 %
 * (44.7 %) with batch normalisation only, 76.1 % (71.6 %) with offsets only; with seed 0, 77.0 % with both, and 76.4 %
 * if all of the plain network is trained on scaled images. So offsets recover far more than new normalisation
 * statistics; they do not beat a network simply trained on such images. All runs together take 7 minutes with the wasm
 * backend on one core. Offsets are trained at the full learning rate here: in a frozen network they need not follow
 * moving weights.
 *
 *   npm run example -- examples/node/offsets_only.ts [--data /usr/share/datasets/fashion-mnist | digits] [--train 6000]
 *     [--test 2000] [--epochs 8] [--seed 0] [--out runs/offsets_only]
 */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { loadIdx, loadMnist, Random, takeFirst, withSeed, type SplitDataset } from 'tfjs-convolutions/training';
import { learnOnly } from '../support/learn_only.js';
import {
  accuracyOf,
  build,
  copyOf,
  drawSampling,
  largestDifference,
  learn,
  rescale,
  toTensors,
} from '../support/rescaled_images.js';

/** Weights trained in the second step, by name; only deformable layers have offsets. */
const RUNS = [
  { name: 'batch normalisation only (control)', deformable: false, learn: /\/(gamma|beta)$/ },
  { name: 'offsets only', deformable: true, learn: /\/offset_/ },
  { name: 'offsets and batch normalisation', deformable: true, learn: /\/(offset_|gamma$|beta$)/ },
  { name: 'all of the plain network', deformable: false, learn: /./ },
] as const;

async function load(source: string): Promise<SplitDataset> {
  if (source === 'digits') return loadMnist();
  if (existsSync(source)) return loadIdx(source);
  throw new Error(
    `No images in ${source}: on Debian, 'apt install dataset-fashion-mnist' brings them; '--data digits' does without.`,
  );
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string', default: '/usr/share/datasets/fashion-mnist' },
      train: { type: 'string', default: '6000' },
      test: { type: 'string', default: '2000' },
      epochs: { type: 'string', default: '8' },
      seed: { type: 'string', default: '0' },
      out: { type: 'string' },
    },
  });
  const [epochs, seed] = [Number(values.epochs), Number(values.seed)];
  const data = await load(values.data);
  await tf.setBackend('wasm');
  const train = toTensors(takeFirst(data.train, Number(values.train)));
  const test = toTensors(takeFirst(data.test, Number(values.test)));
  const scaledTest = { x: tf.tidy(() => rescale(test.x, new Random(seed, 'split'))), y: test.y };
  const classes = data.train.classNames.length;

  const print = (...cells: readonly [string, string, string, string]): void => {
    console.log(cells.map((cell, index) => (index === 0 ? cell.padEnd(36) : cell.padStart(13))).join(''));
  };
  print('what learns scaled images', 'parameters', 'accuracy', 'seconds');

  const frozen = withSeed(new Random(seed, 'initialization'), () => build(classes));
  const seconds = await learn(frozen, train, { epochs, seed, scaled: false });
  print('nothing; tested on plain images', '0', await accuracyOf(frozen, test), seconds.toFixed(0));
  print('nothing', '0', await accuracyOf(frozen, scaledTest), '');
  for (const { name, deformable, learn: names } of RUNS) {
    const model = copyOf(frozen, deformable, classes);
    if (name === 'offsets only') {
      const difference = largestDifference(frozen, model, test);
      console.log(`  converted: probabilities of the test images differ by ${difference.toExponential(1)} at most`);
    }
    const parameters = learnOnly(model, names).toLocaleString('en');
    const spent = await learn(model, train, { epochs, seed, scaled: true });
    print(name, parameters, await accuracyOf(model, scaledTest), spent.toFixed(0));
    if (name === 'offsets only' && values.out !== undefined) {
      await mkdir(values.out, { recursive: true });
      await writeFile(path.join(values.out, 'sampling.svg'), await drawSampling(model, test));
    }
  }
}

main().catch((error: unknown) => {
  console.error((error as Error).message);
  process.exitCode = 1;
});
