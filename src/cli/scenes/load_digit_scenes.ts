/** The built-in data of the main job: digits of different sizes amid clutter, with a mask that names the digit. */
import type { Dataset, SplitDataset } from '../../training/dataset.js';
import { loadMnist } from '../../training/mnist.js';
import { takeFirst } from '../../training/take_first.js';
import { drawScenes, GROUND, MAP_SIZE, namesOf, SCENE_SIZE, sceneBytes, type DigitScene } from './digit_scenes.js';

/** Name of the data on the command line. */
export const SCENES = 'scenes';

/** Numbers of scenes: as many as training for a minute needs. */
const TRAINING_SCENES = 4000;
export const TEST_SCENES = 500;
/** Seeds of the scenes, which are always the same. */
const SEEDS = { train: 0, test: 1 } as const;

/** Test scenes and the digits that they are drawn of. */
export interface TestScenes {
  readonly digits: Dataset;
  readonly scenes: readonly DigitScene[];
}

/**
 * Draws training and test scenes; the digits of the two differ.
 *
 * @param limit largest number of training scenes to draw
 */
export async function loadDigitScenes(limit = TRAINING_SCENES): Promise<SplitDataset> {
  const { train } = await loadMnist();
  const training = drawScenes(takeFirst(train, Math.min(limit, TRAINING_SCENES)), SEEDS.train);
  return { name: SCENES, train: toDataset(training), test: toDataset((await loadTestScenes()).scenes) };
}

/** Draws the test scenes. */
export async function loadTestScenes(count = TEST_SCENES): Promise<TestScenes> {
  const { test } = await loadMnist();
  const digits = takeFirst(test, count);
  return { digits, scenes: drawScenes(digits, SEEDS.test) };
}

/** Images and masks of scenes. */
export function toDataset(scenes: readonly DigitScene[]): Dataset {
  const images = new Uint8Array(scenes.length * SCENE_SIZE ** 2);
  const values = new Uint8Array(scenes.length * MAP_SIZE ** 2);
  scenes.forEach((scene, index) => {
    images.set(sceneBytes(scene), index * SCENE_SIZE ** 2);
    values.set(namesOf(scene), index * MAP_SIZE ** 2);
  });
  return {
    images,
    labels: Int32Array.from(scenes, ({ label }) => label),
    height: SCENE_SIZE,
    width: SCENE_SIZE,
    channels: 1,
    classNames: [...Array.from({ length: GROUND }, (_, digit) => String(digit)), 'ground'],
    masks: { values, height: MAP_SIZE, width: MAP_SIZE },
  };
}
