/** The pictures that `analyze` writes. Those of what a model does show it noise, or an image that it is given. */
import { promises as fs } from 'node:fs';
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
import { readImage } from '../training/image_folder.js';
import { Random } from '../training/random.js';
import type { WrittenResult } from './train_results.js';

/** Images of noise that an effective receptive field is the mean of. */
const NOISE_IMAGES = 4;
const NOISE_SEED = 1;
/** Deformable layers that samples are traced through at most, as in the paper's pictures. */
const TRACED = 3;
const GREY = 235;

/** What a model is shown. */
export interface Shown {
  /** Batch of images in the layout of the model, from −1 to 1 as in training. */
  readonly x: tf.Tensor;
  /** The image in the pictures; absent for noise. */
  readonly image: PlotImage | undefined;
}

/** The analyses that need no image. */
export interface Reports {
  readonly cost: CostReport;
  /** Absent for a model that no image enters. */
  readonly fields: ReceptiveFieldReport | undefined;
}

/** The image in a file at the size that a model takes. */
export async function showImage(file: string, inputShape: readonly number[]): Promise<Shown> {
  const [height, width, channels] = inputShape as [number, number, number];
  if (channels !== 1 && channels !== 3) {
    const rule = 'the model must take images [height, width, channels] of 1 or 3 channels';
    throw new Error(`Cannot show an image: ${rule}, received input shape = [${inputShape.join(', ')}]`);
  }
  const values = await readImage(file, { height, width, channels });
  const x = Float32Array.from(values, (value) => value / 127.5 - 1);
  const image = { values, height, width, channels, title: path.basename(file) } as const;
  return { x: tf.tensor4d(x, [1, height, width, channels]), image };
}

/** Noise, always the same. */
export function showNoise(inputShape: readonly number[]): Shown {
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
 * Writes all pictures into a folder, which is created; pictures of these names in it are replaced.
 *
 * @param shown Absent for a model that takes something else than images alone.
 * @param print Receives the tables of what is found on the way.
 */
export async function writePictures(
  model: tf.LayersModel,
  shown: Shown | undefined,
  { cost, fields }: Reports,
  folder: string,
  print: (table: string) => void,
): Promise<readonly WrittenResult[]> {
  await fs.mkdir(folder, { recursive: true });
  const written: WrittenResult[] = [];
  const write = async (name: string, what: string, picture: string): Promise<void> => {
    await writeFileAtomic(path.join(folder, name), picture);
    written.push({ name, what });
  };
  await write('cost.svg', 'multiply-adds and parameters, layer by layer', await costPlot(cost));
  if (fields === undefined) return written;
  await write('receptive_field.svg', 'how receptive fields grow', await receptiveFieldPlot(fields));
  if (shown === undefined) return written;
  const field = await effectiveReceptiveField(model, shown.x);
  print(field.toString());
  const what = `what pixels count for the middle of '${field.layer}'`;
  await write('effective_receptive_field.svg', what, await effectiveReceptiveFieldPlot([field]));
  if (fields.layers.some(({ type }) => type.startsWith('DeformableConv2D'))) {
    await write('sampling.svg', 'where the last deformable layer looks', await drawMiddle(model, shown));
  }
  return written;
}

/** The samples of the middle of the last deformable layer, traced towards the image. */
async function drawMiddle(model: tf.LayersModel, { x, image }: Shown): Promise<string> {
  // Without positions there is nothing to trace: it tells how far one could.
  const { outputSize, imageSize, through } = await samplingLocations(model, x, { positions: [], trace: 'all' });
  const [row, column] = outputSize.map((size) => Math.floor(size / 2)) as [number, number];
  const trace = Math.min(TRACED, through.length);
  const found = await samplingLocations(model, x, { positions: [[row, column]], trace });
  const [height, width] = imageSize;
  const values = new Uint8Array(height * width).fill(GREY);
  const background = { values, height, width, channels: 1, title: 'on noise' } as const;
  return samplingPlot({ ...found, images: found.images.slice(0, 1) }, [image ?? background]);
}
