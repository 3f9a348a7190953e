/** Plots that `analyze` writes. Those that need an input run the model on noise or on a given image. */
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { CostReport } from '../analysis/cost.js';
import { effectiveReceptiveField } from '../analysis/effective_receptive_field.js';
import type { ReceptiveFieldReport } from '../analysis/receptive_field.js';
import { samplingLocations } from '../analysis/sampling_locations.js';
import { costPlot } from '../plots/cost_plot.js';
import { effectiveReceptiveFieldPlot } from '../plots/effective_receptive_field_plot.js';
import { receptiveFieldPlot } from '../plots/receptive_field_plot.js';
import { samplingPlot, type PlotImage } from '../plots/sampling_plot.js';
import { writeFileAtomic } from '../support/atomic_file.js';
import { fileError } from '../support/file_error.js';
import { makeFolder } from '../support/make_folder.js';
import { readImage } from '../training/decode_image.js';
import { scalePixels, type Preprocessing } from '../training/preprocessing.js';
import { Random } from '../training/random.js';
import type { WrittenResult } from './train_results.js';

const ACTION = 'draw the plots';
/** Noise images to average an effective receptive field over. */
const NOISE_IMAGES = 4;
const NOISE_SEED = 1;
/** Most deformable layers to trace samples through, as in the figures of the paper. */
const MAX_TRACED = 3;
const GREY = 235;

/** Input to run the model on. */
export interface AnalysisInput {
  /** Batch of images with values from −1 to 1, as in training. */
  readonly x: tf.Tensor;
  /** Background of the plots; undefined for noise. */
  readonly image: PlotImage | undefined;
}

/** Reports of the analyses that need no input. */
export interface Reports {
  readonly cost: CostReport;
  /** Undefined for a model without an image input. */
  readonly fields: ReceptiveFieldReport | undefined;
}

/** Reads an image and prepares it for a model. */
export async function imageInput(file: string, preprocessing: Preprocessing): Promise<AnalysisInput> {
  const { height, width, channels } = preprocessing;
  const values = await readImage(file, preprocessing);
  const x = Float32Array.from(values);
  scalePixels(x, preprocessing);
  const image = { values, height, width, channels, title: path.basename(file) } as const;
  return { x: tf.tensor4d(x, [1, height, width, channels]), image };
}

/** Creates a batch of noise, the same every time. */
export function noiseInput(inputShape: readonly number[]): AnalysisInput {
  const shape = [NOISE_IMAGES, ...inputShape];
  const random = new Random(NOISE_SEED, 'step');
  const length = shape.reduce((product, size) => product * size, 1);
  return {
    x: tf.tensor(
      Float32Array.from({ length }, () => random.between(-1, 1)),
      shape,
    ),
    image: undefined,
  };
}

/**
 * Draws all plots into a folder, which is created if needed; plots of the same names are replaced.
 *
 * @param input Undefined for a model that takes anything other than one batch of images.
 * @param print Called with the tables of analyses that run along the way.
 */
export async function writePlots(
  model: tf.LayersModel,
  input: AnalysisInput | undefined,
  { cost, fields }: Reports,
  folder: string,
  print: (table: string) => void,
): Promise<readonly WrittenResult[]> {
  await makeFolder(ACTION, folder).catch((error: unknown) => {
    throw fileError(ACTION, folder, error);
  });
  const written: WrittenResult[] = [];
  const write = async (name: string, description: string, svg: string): Promise<void> => {
    await writeFileAtomic(path.join(folder, name), svg);
    written.push({ name, description });
  };
  await write('cost.svg', 'multiply-adds and parameters, layer by layer', await costPlot(cost));
  if (fields === undefined) return written;
  await write('receptive_field.svg', 'receptive fields, layer by layer', await receptiveFieldPlot(fields));
  if (input === undefined) return written;
  const field = await effectiveReceptiveField(model, input.x);
  print(field.toString());
  const description = `influence of each pixel on the middle of '${field.layer}'`;
  await write('effective_receptive_field.svg', description, await effectiveReceptiveFieldPlot([field]));
  if (fields.layers.some(({ type }) => type.startsWith('DeformableConv2D'))) {
    await write('sampling.svg', 'sampling locations of the last deformable layer', await drawMiddle(model, input));
  }
  return written;
}

/** Plots the samples of the middle position of the last deformable layer, traced back to the image. */
async function drawMiddle(model: tf.LayersModel, { x, image }: AnalysisInput): Promise<string> {
  // Without positions nothing is traced; this only finds how far tracing could go.
  const { outputSize, imageSize, through } = await samplingLocations(model, x, { positions: [], trace: 'all' });
  const [row, column] = outputSize.map((size) => Math.floor(size / 2)) as [number, number];
  const trace = Math.min(MAX_TRACED, through.length);
  const found = await samplingLocations(model, x, { positions: [[row, column]], trace });
  const [height, width] = imageSize;
  const values = new Uint8Array(height * width).fill(GREY);
  const background = { values, height, width, channels: 1, title: 'on noise' } as const;
  return samplingPlot({ ...found, images: found.images.slice(0, 1) }, [image ?? background]);
}
