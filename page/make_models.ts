// Writes page/public/models: the networks that the See part of the page compares on scenes of digits, what they reach on 500
// test scenes, and one test digit of each class. The networks and scenes are those of src/cli/scenes; here they train without
// augmentation, for longer than in the main job.
//
//   npm run -w page models              takes about ten minutes on an idle core
//   npm run -w page models -- --keep    keeps the networks that are there, and measures them again
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import * as prettier from 'prettier';
import sharp from 'sharp';
import '../src/index.js';
import { startBackend } from '../src/cli/backend.js';
import type { DigitScene } from '../src/cli/scenes/digit_scenes.js';
import { inkShare } from '../src/cli/scenes/ink_share.js';
import { loadDigitScenes, loadTestScenes, toDataset } from '../src/cli/scenes/load_digit_scenes.js';
import { namedRight, spreadFigures } from '../src/cli/scenes/scene_figures.js';
import {
  BOX_LAYER,
  buildSceneNetwork,
  DEFORMABLE_LAYER,
  SCENE_DEFAULTS,
  SCENE_NETWORKS,
  sceneLoss,
  type SceneNetworkName,
} from '../src/cli/scenes/scene_network.js';
import { Adam } from '../src/training/adam.js';
import { loadMnist } from '../src/training/mnist.js';
import { loadModel, saveModel } from '../src/training/model_files.js';
import { Trainer } from '../src/training/trainer.js';

const TARGET = path.join(__dirname, 'public/models');
const RUN = { epochs: 7, batchSize: 32, learningRate: 0.01 } as const;
const SEED = 0;
/** Groups of test scenes by the size of the digit, equally many in each. */
const SIZES = 3;

const { keep = false } = parseArgs({ options: { keep: { type: 'boolean' } } }).values;

async function train(name: SceneNetworkName): Promise<void> {
  const data = await loadDigitScenes();
  const model = buildSceneNetwork(name, SEED);
  const { offsetRate } = SCENE_DEFAULTS;
  const boxes = model.layers.filter((layer) => layer.name === BOX_LAYER).flatMap((layer) => layer.trainableWeights);
  const trainer = new Trainer(model, data, {
    ...RUN,
    seed: SEED,
    augmentation: false,
    offsetLearningRateMultiplier: offsetRate,
    loss: sceneLoss(),
    optimizer: ({ learningRate: rate, multipliers }) =>
      new Adam({
        learningRate: rate,
        multipliers: { ...multipliers, ...Object.fromEntries(boxes.map((weight) => [weight.name, offsetRate])) },
      }),
  });
  await trainer.run({
    onEpoch: ({ epoch, testAccuracy, seconds }) => {
      process.stderr.write(`${name}: epoch ${epoch}, ${testAccuracy.toFixed(4)}, ${seconds.toFixed(0)} s\n`);
    },
  });
  const { classNames } = data.train;
  model.setUserDefinedMetadata({ classNames });
  await saveModel(model, path.join(TARGET, name), { weights: 'float16' });
  trainer.dispose();
  model.dispose();
}

/** Figures of a network on the test scenes, as they were saved. */
async function measure(name: SceneNetworkName, scenes: readonly DigitScene[]) {
  const model = await loadModel(path.join(TARGET, name));
  const bySize = [...scenes].sort((a, b) => a.scale - b.scale);
  const count = Math.ceil(scenes.length / SIZES);
  const rightBySize: number[] = [];
  for (let size = 0; size < SIZES; size++) {
    rightBySize.push(await namedRight(model, toDataset(bySize.slice(size * count, (size + 1) * count))));
  }
  const reached = { parameters: model.countParams(), right: await namedRight(model, toDataset(scenes)), rightBySize };
  if (!model.layers.some((layer) => layer.name === DEFORMABLE_LAYER)) return reached;
  const { looks, correlation, least, most } = await spreadFigures(model, scenes);
  const { samples, control, plain } = await inkShare(model, scenes);
  return {
    ...reached,
    correlation,
    spread: [least, most],
    onInk: samples,
    controlOnInk: control,
    plainOnInk: plain,
    // [size, spread in pixels] of every second scene.
    points: looks.filter((_, index) => index % 2 === 0).map(({ scale, spread }) => [scale, spread]),
  };
}

/** Keeps five decimals of every number. */
const rounded = (_: string, value: unknown): unknown => (typeof value === 'number' ? Number(value.toFixed(5)) : value);

/** Writes the first test digit of every class, white on black. */
async function writeDigits(): Promise<readonly string[]> {
  const { height, width, classNames, labels, images } = (await loadMnist()).test;
  const folder = path.join(TARGET, 'digits');
  fs.mkdirSync(folder, { recursive: true });
  for (const [label, name] of classNames.entries()) {
    const index = labels.indexOf(label);
    const pixels = images.subarray(index * height * width, (index + 1) * height * width);
    const image = sharp(pixels as Uint8Array, { raw: { width, height, channels: 1 } });
    await image.png({ compressionLevel: 9 }).toFile(path.join(folder, `${name}.png`));
  }
  return classNames;
}

async function main(): Promise<void> {
  await startBackend('wasm', 1);
  for (const name of SCENE_NETWORKS) {
    if (!keep || !fs.existsSync(path.join(TARGET, name, 'model.json'))) await train(name);
  }
  const { scenes } = await loadTestScenes();
  const networks: Record<string, Awaited<ReturnType<typeof measure>>> = {};
  for (const name of SCENE_NETWORKS) networks[name] = await measure(name, scenes);
  const index = { testScenes: scenes.length, epochs: RUN.epochs, digits: await writeDigits(), networks };
  const file = path.join(TARGET, 'index.json');
  const format = { ...(await prettier.resolveConfig(file)), parser: 'json' };
  fs.writeFileSync(file, await prettier.format(JSON.stringify(index, rounded), format));
  for (const [name, { right }] of Object.entries(networks)) {
    process.stdout.write(`${name}: ${(100 * right).toFixed(1)} %\n`);
  }
}

void main();
