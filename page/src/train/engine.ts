/** Engine of "Train", in the worker: starts and pauses runs, exports and imports networks. */
import * as tf from '@tensorflow/tfjs';
import { accelerateStockLayers, cost, freezeNormalizations, unfreeze } from 'tfjs-convolutions';
import {
  decodeCheckpoint,
  encodeModel,
  preprocessingOf,
  resume,
  type EncodedModel,
  type Preprocessing,
  type SplitDataset,
} from 'tfjs-convolutions/training';
import { probeBackends, type BackendName } from '../engine/backends.js';
import { imageClassifier, type ImageClassifier } from '../engine/image_classifier.js';
import { readModel } from '../engine/read_model.js';
import { startWatched, unlessLost } from '../engine/watched_backend.js';
import { messageOf } from '../shared/message_of.js';
import { takeLock } from '../shared/locks.js';
import { newId } from '../shared/new_id.js';
import { augmented } from './augmented.js';
import { classify, type Guess, type Question } from './classify.js';
import { loadDigits } from './digits.js';
import type { ImportedNetwork } from './form.js';
import { SCALING, type PixelValues } from './pixel_values.js';
import { examine } from './examine.js';
import { exportModel, type ExportedModel } from './export_model.js';
import { fineTuned } from './fine_tuned.js';
import { isFrozen } from './is_frozen.js';
import { loadTrunk, withNewHead } from './load_trunk.js';
import { buildNetwork } from './networks.js';
import { NETWORK_NAMES, NETWORKS, type NetworkName } from './network_list.js';
import { loadOwnImages, shrinkPicture } from './pictures.js';
import { prepareModel, startingModel } from './prepare_model.js';
import type {
  CurveStyle,
  Examination,
  ImageCounts,
  NetworkChoice,
  NetworkCost,
  NetworkFacts,
  Plan,
  RunEnd,
} from './protocol.js';
import { lockOf, saveRun, savedRun, type SavedRun } from './run_store.js';
import { TrainingRun, type Report } from './training_run.js';
import { trunkTitle, type TrunkChoice } from './trunks.js';

/** Milliseconds until a run that another worker of this tab has held is free. */
const LONGEST_RELEASE = 2000;

/** The current run. */
let run: TrainingRun | undefined;
/** Gives back the lock of the current run. */
let release: (() => void) | undefined;
let isStarted = false;
/** Used until the user has chosen: computing costs needs no GPU, which takes seconds to start. */
const idle = tf.setBackend('cpu');

async function start(backend: BackendName): Promise<void> {
  // Silences console messages that are not meant for users of this page.
  tf.env().set('PROD', true);
  await idle;
  await startWatched(backend);
  accelerateStockLayers();
  isStarted = true;
}

/** Starts the backend on which a run goes on whose graphics device is gone; it needs none. */
async function replaceBackend(): Promise<BackendName> {
  await start('wasm');
  return 'wasm';
}

function factsOf(model: tf.LayersModel): NetworkFacts {
  const [, height, width, channels] = model.inputs[0]!.shape;
  const notes = model.getUserDefinedMetadata() as
    { readonly classNames?: readonly string[]; readonly preprocessing?: unknown } | undefined;
  const classes = model.outputs[0]!.shape.at(-1) ?? 0;
  return {
    ...costOf(model),
    inputShape: [height!, width!, channels!],
    preprocessing: preprocessingOf(model),
    isAssumed: notes?.preprocessing === undefined,
    isFrozen: isFrozen(model),
    classNames: notes?.classNames ?? Array.from({ length: classes }, (_, index) => `class ${index + 1}`),
  };
}

function costOf(model: tf.LayersModel): NetworkCost {
  const { params, macs, offsetMacs } = cost(model).total;
  return { params: params.trainable + params.nonTrainable, macs: macs + offsetMacs };
}

/** Images of a run; those that are left out are only counted. */
interface LoadedData extends Pick<ImageCounts, 'copies' | 'contradictions'> {
  readonly split: SplitDataset;
}

async function loadData(data: Plan['data'], seed: number, known?: Preprocessing): Promise<LoadedData> {
  if (data.kind === 'images') return loadOwnImages(data.classes, data.size, seed, known);
  return { split: await loadDigits(data.limit), copies: 0, contradictions: 0 };
}

/** Loads the images of a plan and builds its network. */
async function prepare({ data, settings, network }: Plan): Promise<LoadedData & { readonly model: EncodedModel }> {
  const origin = await startingModel(network);
  try {
    const loaded = await loadData(data, settings.seed, origin && preprocessingOf(origin));
    return { ...loaded, model: await prepareModel(network, settings, loaded.split, origin) };
  } finally {
    origin?.dispose();
  }
}

function titleOf(network: NetworkChoice): string {
  if (network.kind === 'imported') return 'imported network';
  return network.kind === 'named' ? NETWORKS[network.name].title : trunkTitle(network.name);
}

function close(): void {
  run?.dispose();
  run = undefined;
  release?.();
  release = undefined;
}

/** Takes a run for this tab alone. */
async function claim(id: string): Promise<void> {
  release = await takeLock(lockOf(id), LONGEST_RELEASE);
  if (!release) throw new Error('This run is open in another tab. Close it there first.');
}

async function open(
  saved: SavedRun,
  split: SplitDataset,
  backend: BackendName,
  report: Report,
  style: CurveStyle,
): Promise<TrainingRun> {
  const model = await readModel(saved.model);
  return new TrainingRun({ saved, model, data: split, backend, unlessLost, replaceBackend }, report, style);
}

/** Opens a run, stores it beside earlier ones, and trains until its end or a pause. */
async function launch(
  saved: SavedRun,
  split: SplitDataset,
  backend: BackendName,
  report: Report,
  style: CurveStyle,
): Promise<RunEnd> {
  await claim(saved.id);
  run = await open(saved, split, backend, report, style);
  await saveRun(saved, await run.state()).catch((error: unknown) => {
    report({ kind: 'unsaved', reason: messageOf(error) });
  });
  reportOpened(run, report);
  return run.train();
}

function reportOpened({ trainer, rows, parts }: TrainingRun, report: Report): void {
  const { data, saved } = parts;
  const { id, title, copies, contradictions } = saved;
  const { labels, classNames } = data.train;
  const perClass = classNames.map((_, index) => labels.reduce((sum, label) => sum + (label === index ? 1 : 0), 0));
  const images = { train: labels.length, test: data.test.labels.length, perClass, copies, contradictions };
  report({ kind: 'opened', id, facts: factsOf(trainer.model), images, rows, title });
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

  /** Does the same for a pretrained network with another number of classes. */
  trunkCost: async (trunk: TrunkChoice, classes: number): Promise<NetworkCost> => {
    await idle;
    const origin = await loadTrunk(trunk);
    const model = withNewHead(origin, classes, 1);
    const found = costOf(model);
    origin.dispose();
    model.dispose();
    return found;
  },

  shrink: shrinkPicture,
  augmented,

  /** Starts a run, which is stored beside earlier ones, and trains until its end or a pause. */
  begin: async (plan: Plan, report: Report, style: CurveStyle): Promise<RunEnd> => {
    close();
    await start(plan.backend);
    const { data, settings, network } = plan;
    const { split, copies, contradictions, model } = await prepare(plan);
    const saved: SavedRun = {
      id: newId(),
      title: `${data.kind === 'digits' ? 'Digits' : split.train.classNames.join(', ')} · ${titleOf(network)}`,
      data: data.kind === 'digits' ? data : { kind: 'images', split },
      copies,
      contradictions,
      model,
      settings,
    };
    return launch(saved, split, plan.backend, report, style);
  },

  /** Starts a run that goes on with the current network and trains all of its layers except normalizations. */
  fineTune: async (report: Report, style: CurveStyle): Promise<RunEnd> => {
    const { trainer, parts, backend } = openRun();
    const { saved, data } = parts;
    unfreeze(trainer.model);
    freezeNormalizations(trainer.model);
    const model = await unlessLost(encodeModel(trainer.model));
    close();
    return launch({ ...fineTuned(saved), id: newId(), model }, data, backend, report, style);
  },

  /** Resumes a stored run. */
  resume: async (id: string, backend: BackendName, report: Report, style: CurveStyle): Promise<RunEnd> => {
    close();
    await claim(id);
    const saved = await savedRun(id);
    if (!saved) throw new Error('This run cannot be resumed: the browser has not saved it.');
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

  /** Asks the network about every test image. */
  examine: async (): Promise<Examination> => {
    const { trainer, parts } = openRun();
    return unlessLost(examine(trainer.model, parts.data.test));
  },

  /** Exports the network in its current state as files, in layers of TensorFlow.js alone if it has them all. */
  exportModel: async (): Promise<ExportedModel> => unlessLost(exportModel(openRun().trainer.model)),

  /**
   * Describes an imported network.
   *
   * @throws Error if it is not an image classifier
   */
  describeModel: async (files: EncodedModel, backend: BackendName): Promise<NetworkFacts> => {
    if (!isStarted) await start(backend);
    const { model, addsSoftmax } = await readClassifier(files);
    const facts = { ...factsOf(model), addsSoftmax };
    model.dispose();
    return facts;
  },

  /** Records the pixel values that an imported network takes. */
  rescale: async (files: EncodedModel, values: PixelValues): Promise<ImportedNetwork> => {
    const { model, addsSoftmax } = await readClassifier(files);
    const notes = model.getUserDefinedMetadata() as object | undefined;
    const preprocessing = { ...preprocessingOf(model), ...SCALING[values] };
    model.setUserDefinedMetadata({ ...notes, preprocessing });
    const facts = { ...factsOf(model), addsSoftmax, isAssumed: true };
    const rescaled = await encodeModel(model);
    model.dispose();
    return { files: rescaled, facts };
  },

  /** Computes class probabilities of an image with the network of the run. */
  classify: async (question: Question): Promise<readonly Guess[]> => {
    const { model } = openRun().trainer;
    return unlessLost(classify(model, factsOf(model), question));
  },

  /** Does the same with an imported network. */
  classifyBy: async (files: EncodedModel, backend: BackendName, question: Question): Promise<readonly Guess[]> => {
    if (!isStarted) await start(backend);
    const { model } = await readClassifier(files);
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

async function readClassifier(files: EncodedModel): Promise<ImageClassifier> {
  return imageClassifier(await readModel(files));
}
