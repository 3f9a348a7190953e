/** Engine of "Train", in the worker: starts and pauses runs, exports and imports networks. */
import * as tf from '@tensorflow/tfjs';
import { accelerateStockLayers, cost } from 'tfjs-convolutions';
import {
  decodeCheckpoint,
  encodeModel,
  preprocessingOf,
  resume,
  type EncodedModel,
  type Preprocessing,
  type SplitDataset,
} from 'tfjs-convolutions/training';
import {
  backendLost,
  BackendLostError,
  CONTEXT_LOST,
  isContextLost,
  probeBackends,
  startBackend,
  type BackendName,
} from '../engine/backends.js';
import { readModel } from '../engine/read_model.js';
import { newId } from '../shared/new_id.js';
import { classify, type Guess, type Question } from './classify.js';
import { loadDigits } from './digits.js';
import { buildNetwork } from './networks.js';
import { NETWORK_NAMES, NETWORKS, type NetworkName } from './network_list.js';
import { loadOwnImages, shrinkPicture } from './pictures.js';
import type { CurveStyle, NetworkCost, NetworkFacts, Plan, RunEnd } from './protocol.js';
import { saveRun, savedRun, type SavedRun } from './run_store.js';
import { TrainingRun, type Report } from './training_run.js';

/** The current run. */
let run: TrainingRun | undefined;
let isStarted = false;
/** Used until the user has chosen: computing costs needs no GPU, which takes seconds to start. */
const idle = tf.setBackend('cpu');
let lost: Promise<never> = new Promise(() => undefined);

async function start(backend: BackendName): Promise<void> {
  // Silences console messages that are not meant for users of this page.
  tf.env().set('PROD', true);
  await idle;
  await startBackend(backend);
  accelerateStockLayers();
  isStarted = true;
  lost = backendLost().then((reason) => {
    throw new BackendLostError(backend, reason);
  });
  // If nothing is pending at that moment, the loss need not be reported.
  lost.catch(() => undefined);
}

/** Resolves with the result, or rejects as soon as the backend is lost: the host may then wait forever. */
async function unlessLost<T>(work: Promise<T>): Promise<T> {
  const result = await Promise.race([work, lost]);
  if (isContextLost()) throw new BackendLostError(tf.getBackend(), CONTEXT_LOST);
  return result;
}

/** Starts the backend on which a run goes on whose graphics device is gone; it needs none. */
async function replaceBackend(): Promise<BackendName> {
  await start('wasm');
  return 'wasm';
}

function factsOf(model: tf.LayersModel): NetworkFacts {
  const [, height, width, channels] = model.inputs[0]!.shape;
  const notes = model.getUserDefinedMetadata() as { readonly classNames?: readonly string[] } | undefined;
  const classes = model.outputs[0]!.shape.at(-1) ?? 0;
  return {
    ...costOf(model),
    inputShape: [height!, width!, channels!],
    preprocessing: preprocessingOf(model),
    classNames: notes?.classNames ?? Array.from({ length: classes }, (_, index) => `class ${index + 1}`),
  };
}

function costOf(model: tf.LayersModel): NetworkCost {
  const { params, macs, offsetMacs } = cost(model).total;
  return { params: params.trainable + params.nonTrainable, macs: macs + offsetMacs };
}

async function loadData(data: Plan['data'], seed: number, known?: Preprocessing): Promise<SplitDataset> {
  return data.kind === 'digits' ? loadDigits(data.limit) : loadOwnImages(data.classes, data.size, seed, known);
}

/** Builds the network of a plan with its initial weights, as files, from which a resumed run starts too. */
async function prepareModel({ network, settings }: Plan, split: SplitDataset): Promise<EncodedModel> {
  const { height, channels, classNames } = split.train;
  const model =
    network.kind === 'imported'
      ? await readModel(network.model)
      : buildNetwork(network.name, { side: height, channels, classes: classNames.length }, settings.seed);
  // The command line and this page read these back.
  const preprocessing = preprocessingOf(model);
  model.setUserDefinedMetadata({ classNames: [...classNames], seed: settings.seed, preprocessing });
  const files = await encodeModel(model);
  model.dispose();
  return files;
}

function close(): void {
  run?.dispose();
  run = undefined;
}

async function open(
  saved: SavedRun,
  split: SplitDataset,
  backend: BackendName,
  report: Report,
  style: CurveStyle,
): Promise<TrainingRun> {
  const model = await readModel(saved.model);
  const { id, title, settings } = saved;
  return new TrainingRun(
    { id, title, model, data: split, settings, backend, unlessLost, replaceBackend },
    report,
    style,
  );
}

function reportOpened({ trainer, rows, parts }: TrainingRun, report: Report): void {
  report({ kind: 'opened', facts: factsOf(trainer.model), rows, title: parts.title });
}

export const engine = {
  backends: probeBackends,

  /** Counts parameters and multiply-adds of the listed networks. */
  costs: async (
    side: number,
    channels: number,
    classes: number,
  ): Promise<Readonly<Record<NetworkName, NetworkCost>>> => {
    await idle;
    const counted = NETWORK_NAMES.map((name) => {
      const model = buildNetwork(name, { side, channels, classes }, 1);
      const found = costOf(model);
      model.dispose();
      return [name, found] as const;
    });
    return Object.fromEntries(counted) as Record<NetworkName, NetworkCost>;
  },

  shrink: shrinkPicture,

  /** Starts a run, which replaces the previous one, and trains until its end or a pause. */
  begin: async (plan: Plan, report: Report, style: CurveStyle): Promise<RunEnd> => {
    close();
    await start(plan.backend);
    const { data, settings, network } = plan;
    const known = network.kind === 'imported' ? await importedPreprocessing(network.model) : undefined;
    const split = await loadData(data, settings.seed, known);
    const title = `${data.kind === 'digits' ? 'Digits' : split.train.classNames.join(', ')} · ${
      network.kind === 'named' ? NETWORKS[network.name].title : 'imported network'
    }`;
    const saved: SavedRun = {
      id: newId(),
      title,
      data: data.kind === 'digits' ? data : { kind: 'images', split },
      model: await prepareModel(plan, split),
      settings,
    };
    run = await open(saved, split, plan.backend, report, style);
    await saveRun(saved, await run.state()).catch((error: unknown) => {
      report({ kind: 'unsaved', reason: String(error) });
    });
    reportOpened(run, report);
    return run.train();
  },

  /** Resumes the stored run. */
  resume: async (backend: BackendName, report: Report, style: CurveStyle): Promise<RunEnd> => {
    const saved = await savedRun();
    if (!saved) throw new Error('There is no run to resume: the browser has not saved it.');
    close();
    await start(backend);
    const { data } = saved.run;
    const split = data.kind === 'digits' ? await loadDigits(data.limit) : data.split;
    run = await open(saved.run, split, backend, report, style);
    await resume(run.trainer, await decodeCheckpoint(saved.checkpoint, 'of this browser'));
    run.recall();
    reportOpened(run, report);
    return run.train();
  },

  /** Continues after a pause. */
  continueRun: async (): Promise<RunEnd> => openRun().train(),

  pause: (): void => {
    run?.pause();
  },

  restyle: async (style: CurveStyle): Promise<void> => run?.restyle(style),

  /** Exports the network in its current state as files. */
  exportModel: async (): Promise<EncodedModel> => unlessLost(encodeModel(openRun().trainer.model)),

  /**
   * Describes an imported network.
   *
   * @throws Error if it is not an image classifier
   */
  describeModel: async (files: EncodedModel, backend: BackendName): Promise<NetworkFacts> => {
    const model = await readClassifier(files, backend);
    const facts = factsOf(model);
    model.dispose();
    return facts;
  },

  /** Computes class probabilities of an image with the network of the run. */
  classify: async (question: Question): Promise<readonly Guess[]> => {
    const { model } = openRun().trainer;
    return unlessLost(classify(model, factsOf(model), question));
  },

  /** Does the same with an imported network. */
  classifyBy: async (files: EncodedModel, backend: BackendName, question: Question): Promise<readonly Guess[]> => {
    const model = await readClassifier(files, backend);
    try {
      return await unlessLost(classify(model, factsOf(model), question));
    } finally {
      model.dispose();
    }
  },
};

function openRun(): TrainingRun {
  if (!run) throw new Error('There is no network yet: train one, or open one that was exported.');
  return run;
}

async function importedPreprocessing(files: EncodedModel): Promise<Preprocessing> {
  const model = await readModel(files);
  const preprocessing = preprocessingOf(model);
  model.dispose();
  return preprocessing;
}

async function readClassifier(files: EncodedModel, backend: BackendName): Promise<tf.LayersModel> {
  if (!isStarted) await start(backend);
  const model = await readModel(files);
  const shape = model.inputs[0]!.shape;
  const fits = model.inputs.length === 1 && model.outputs.length === 1 && shape.length === 4;
  if (fits && model.outputs[0]!.shape.length === 2 && shape.slice(1).every((size) => size !== null)) return model;
  model.dispose();
  throw new Error('This network does not sort images of one size into classes, so it cannot be used here.');
}
