/** Networks for scenes of digits, in the worker. */
import * as tf from '@tensorflow/tfjs';
import * as conv from 'tfjs-convolutions';
import { fetchChecked } from '../../shared/fetch_checked.js';
import { fixedGrid } from '../fixed_grid.js';
import { arrowOf } from '../mean_offset.js';
import type { SceneIndex, SceneMaps, SceneNetwork, SceneQuestion, SceneSamples } from './scene_messages.js';

export interface SceneNetworks {
  readonly index: SceneIndex;
  readonly models: ReadonlyMap<SceneNetwork, tf.LayersModel>;
}

/** @param folder URL of the bundled models */
export async function loadSceneNetworks(folder: string): Promise<SceneNetworks> {
  const response = await fetchChecked(new URL('index.json', folder), 'The networks');
  const index = (await response.json()) as SceneIndex;
  const names = Object.keys(index.networks) as SceneNetwork[];
  const models = await Promise.all(names.map((name) => tf.loadLayersModel(new URL(`${name}/model.json`, folder).href)));
  return { index, models: new Map(names.map((name, at) => [name, models[at]!])) };
}

/** Finds where a position of a network reads, and where the plain grid does. */
export async function findSceneSamples(
  { models }: SceneNetworks,
  { values, network, position, isWhole }: SceneQuestion,
): Promise<SceneSamples> {
  const x = toInput(values);
  try {
    const found = await conv.samplingLocations(models.get(network)!, x, isWhole ? {} : { positions: [position] });
    const all = found.images[0]!;
    const { center, taps, spread } = all[isWhole ? position[0] * found.outputSize[1] + position[1] : 0]!;
    const grid = fixedGrid(center, [{ kernelSize: found.kernelSize, spacing: found.tapSpacing, isHollow: false }]);
    const square = grid.reduce((sum, dot) => sum + (dot.y - center.y) ** 2 + (dot.x - center.x) ** 2, 0);
    return {
      network,
      position,
      center,
      taps,
      spread,
      grid,
      gridSpread: Math.sqrt(square / grid.length),
      arrows: isWhole ? all.map(arrowOf) : undefined,
      tensors: tf.memory().numTensors,
    };
  } finally {
    x.dispose();
  }
}

/** Finds the name of every position, by every network. */
export async function nameScene({ models }: SceneNetworks, values: Float32Array): Promise<SceneMaps> {
  const x = toInput(values);
  try {
    const maps: Partial<Record<SceneNetwork, Uint8Array>> = {};
    for (const [name, model] of models) {
      const classes = tf.tidy(() => tf.argMax(model.predict(x) as tf.Tensor, -1));
      maps[name] = Uint8Array.from(await classes.data());
      classes.dispose();
    }
    return maps as SceneMaps;
  } finally {
    x.dispose();
  }
}

function toInput(values: Float32Array): tf.Tensor4D {
  const side = Math.sqrt(values.length);
  return tf.tensor4d(
    values.map((value) => value / 127.5 - 1),
    [1, side, side, 1],
  );
}
