/** Engine of "See", in the worker: networks for scenes or one of the user, its input, and what a position reads. */
import * as tf from '@tensorflow/tfjs';
import { scalePixels } from 'tfjs-convolutions/training';
import { backendLost, probeBackends, startBackend } from '../engine/backends.js';
import { inspectFields, inspectInfluence, inspectSamples } from './inspect.js';
import type { Answer, Inspection, NetworkDescription, OwnModel, Preparation, Question, Shown } from './messages.js';
import { loadOwn, type Network } from './networks.js';
import { decode, prepare } from './prepare_image.js';
import type { SceneIndex, SceneMaps, SceneQuestion, SceneSamples } from './scene/scene_messages.js';
import { findSceneSamples, loadSceneNetworks, nameScene, type SceneNetworks } from './scene/scene_networks.js';

let own: Network | undefined;
let image: tf.Tensor | undefined;
let scenes: SceneNetworks | undefined;

let last: Promise<unknown> = Promise.resolve();

/** Runs calls one after the other, so that none disposes tensors that another still uses. */
function inTurn<Given extends unknown[], Result>(
  work: (...given: Given) => Promise<Result>,
): (...given: Given) => Promise<Result> {
  return (...given) => {
    const result = last.then(() => work(...given));
    last = result.catch(() => undefined);
    return result;
  };
}

async function exchange(model: OwnModel): Promise<NetworkDescription> {
  const next = await loadOwn(model);
  own?.model.dispose();
  tf.dispose(image);
  image = undefined;
  own = next;
  return next.description;
}

async function openScenes(folder: string): Promise<SceneIndex> {
  scenes ??= await loadSceneNetworks(folder);
  return scenes.index;
}

async function show(source: Blob, preparation: Preparation): Promise<Shown> {
  const { model, classNames, preprocessing, description } = own!;
  if (typeof description.input === 'string') throw new Error(description.input);
  const { height, width, channels } = preprocessing!;
  const bitmap = await decode(source);
  const { pixels, steps } = prepare(bitmap, preprocessing!, preparation);
  bitmap.close();
  tf.dispose(image);
  const values = Float32Array.from(pixels.values);
  scalePixels(values, preprocessing!);
  image = tf.tensor4d(values, [1, height, width, channels]);
  return { pixels, steps, answer: await answer(model, image, classNames) };
}

async function answer(model: tf.LayersModel, x: tf.Tensor, names: readonly string[]): Promise<Answer | undefined> {
  const output = tf.tidy(() => [model.predict(x)].flat().find(({ rank }) => rank === 2));
  if (output === undefined) return undefined;
  const probabilities = Array.from(await output.data());
  output.dispose();
  return { probabilities, classNames: probabilities.map((_, index) => names[index] ?? String(index)) };
}

async function inspect(question: Question): Promise<Inspection> {
  const views = { samples: inspectSamples, field: inspectFields, influence: inspectInfluence };
  const seen = await views[question.view](own!, image!, question);
  return { ...seen, question, tensors: tf.memory().numTensors };
}

export const engine = {
  probe: probeBackends,
  start: inTurn(startBackend),
  lost: backendLost,
  /** @param folder URL of the bundled models */
  loadSceneNetworks: inTurn(openScenes),
  findSceneSamples: inTurn((question: SceneQuestion): Promise<SceneSamples> => findSceneSamples(scenes!, question)),
  nameScene: inTurn((values: Float32Array): Promise<SceneMaps> => nameScene(scenes!, values)),
  /** Keeps the previous network if the files are invalid. */
  loadOwn: inTurn(exchange),
  /** Keeps the previous image if the picture cannot be used. */
  show: inTurn(show),
  inspect: inTurn(inspect),
};
