/** Engine of "See", in the worker: networks, their input, and the sampling locations or influence of a position. */
import * as tf from '@tensorflow/tfjs';
import { scalePixels, type EncodedModel } from 'tfjs-convolutions/training';
import { backendLost, probeBackends, startBackend } from '../engine/backends.js';
import { inspectInfluence, inspectSamples } from './inspect.js';
import type { Answer, Inspection, NetworkDescription, Preparation, Question, Shown } from './messages.js';
import { dispose, loadOwn, loadShipped, type Networks } from './networks.js';
import { decode, prepare } from './prepare_image.js';

let networks: Networks | undefined;
let image: tf.Tensor | undefined;

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

function exchange(next: Networks): NetworkDescription {
  if (networks) dispose(networks);
  tf.dispose(image);
  image = undefined;
  networks = next;
  return next.description;
}

async function show(source: Blob, preparation: Preparation): Promise<Shown> {
  const { deformable, plain, classNames, preprocessing } = networks!;
  const { height, width, channels } = preprocessing;
  const bitmap = await decode(source);
  const { pixels, steps } = prepare(bitmap, preprocessing, preparation);
  bitmap.close();
  tf.dispose(image);
  const values = Float32Array.from(pixels.values);
  scalePixels(values, preprocessing);
  image = tf.tensor4d(values, [1, height, width, channels]);
  return {
    pixels,
    steps,
    deformable: await answer(deformable, image, classNames),
    plain: plain && (await answer(plain, image, classNames)),
  };
}

async function answer(model: tf.LayersModel, x: tf.Tensor, names: readonly string[]): Promise<Answer | undefined> {
  const output = tf.tidy(() => [model.predict(x)].flat().find(({ rank }) => rank === 2));
  if (output === undefined) return undefined;
  const probabilities = Array.from(await output.data());
  output.dispose();
  return { probabilities, classNames: probabilities.map((_, index) => names[index] ?? String(index)) };
}

async function inspect(question: Question): Promise<Inspection> {
  const views = { samples: inspectSamples, influence: inspectInfluence };
  const seen = await views[question.view](networks!, image!, question);
  return { ...seen, question, tensors: tf.memory().numTensors };
}

export const engine = {
  probe: probeBackends,
  start: inTurn(startBackend),
  lost: backendLost,
  /** @param folder URL of the bundled models */
  loadShipped: inTurn(async (folder: string) => exchange(await loadShipped(folder))),
  /** Keeps the previous network if the files are invalid. */
  loadOwn: inTurn(async (files: EncodedModel) => exchange(await loadOwn(files))),
  /** Keeps the previous image if the picture cannot be used. */
  show: inTurn(show),
  inspect: inTurn(inspect),
};
