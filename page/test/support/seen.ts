/** What the package says, in Node on plain JavaScript, of the networks and digits that the page ships. */
import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import sharp from 'sharp';
import * as conv from 'tfjs-convolutions';
import { loadModel, type Dataset } from 'tfjs-convolutions/training';
import { composeScene, scatterPieces, sceneBytes, type DigitScene } from '../../../src/cli/scenes/digit_scenes.js';
import type { SceneIndex, SceneNetwork } from '../../src/see/scene/scene_messages.js';

const FOLDER = path.resolve(__dirname, '../../public/models');

export const modelFolder = (name: SceneNetwork): string => path.join(FOLDER, name);

export const digitFile = (digit: number): string => path.join(FOLDER, 'digits', `${digit}.png`);

export const readIndex = (): SceneIndex =>
  JSON.parse(fs.readFileSync(path.join(FOLDER, 'index.json'), 'utf8')) as SceneIndex;

export async function onCpu(): Promise<void> {
  tf.env().set('PROD', true);
  await tf.setBackend('cpu');
}

export async function loadNetwork(name: SceneNetwork): Promise<tf.LayersModel> {
  await onCpu();
  return loadModel(modelFolder(name));
}

/** Bytes of a digit. */
export async function digitBytes(digit: number): Promise<Uint8Array> {
  return new Uint8Array(await sharp(digitFile(digit)).extractChannel(0).raw().toBuffer());
}

async function loadDigits(): Promise<Dataset> {
  const images = await Promise.all(Array.from({ length: 10 }, (_, digit) => digitBytes(digit)));
  return {
    images: Uint8Array.from(images.flatMap((image) => [...image])),
    labels: Int32Array.from(images.keys()),
    ...{ height: 28, width: 28, channels: 1, classNames: [...images.keys()].map(String) },
  };
}

/** Scene of a digit as See draws it. */
export async function drawnScene(
  digit: number,
  { at, scale, seed = 0 }: { readonly at: readonly [number, number]; readonly scale: number; readonly seed?: number },
): Promise<DigitScene> {
  const digits = await loadDigits();
  return composeScene(digits, digit, { at, scale, pieces: scatterPieces(digits, seed) });
}

/** Image of a scene as networks take it. */
export function sceneInput(scene: DigitScene): tf.Tensor4D {
  return tf.tensor4d(
    sceneBytes(scene).map((value) => value / 127.5 - 1),
    [1, 48, 48, 1],
  );
}

/** Samples of positions of the deformable layer of a network. */
export async function samplesOf(
  name: 'deformable' | 'boxes',
  scene: DigitScene,
  positions: readonly (readonly [number, number])[],
): Promise<readonly conv.SamplingPosition[]> {
  const { images } = await conv.samplingLocations(await loadNetwork(name), sceneInput(scene), { positions });
  return images[0]!;
}
