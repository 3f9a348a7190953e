/** `sampling.svg`: sampling locations of the last deformable layer on one test image of each of the first classes. */
import * as tf from '@tensorflow/tfjs';
import { samplingLocations, type SamplingPosition } from '../analysis/sampling_locations.js';
import { DeformableConv2D } from '../layers/deformable_conv2d.js';
import { samplingPlot, type PlotImage } from '../plots/sampling_plot.js';
import { batchPixels } from '../training/batch_pixels.js';
import { imageSize, type Dataset } from '../training/dataset.js';
import { indicesOf, readImages, type Images } from '../training/image_source.js';

const IMAGES = 6;
const POSITIONS = 3;
/** Smallest distance between two chosen positions, as a fraction of the image's longer side. */
const DISTANCE = 1 / 4;

/** Draws the plot as SVG text; undefined for a network without deformable layers. */
export async function drawSampling(model: tf.LayersModel, held: Images): Promise<string | undefined> {
  if (!model.layers.some((layer) => layer instanceof DeformableConv2D)) return undefined;
  const indices = held.classNames
    .slice(0, IMAGES)
    .map((_, label) => held.labels.indexOf(label))
    .filter((index) => index >= 0);
  const test = await readImages(held, indices);
  const x = tf.tensor4d(batchPixels(test, indicesOf(test)), [indices.length, test.height, test.width, test.channels]);
  const all = await samplingLocations(model, x);
  x.dispose();
  const images = indices.map((_, index) => toPlotImage(test, index));
  const chosen = all.images.map((positions, index) => choosePositions(positions, images[index]!));
  return samplingPlot({ ...all, images: chosen }, images);
}

function toPlotImage(test: Dataset, index: number): PlotImage {
  const size = imageSize(test);
  const pixels = test.images.subarray(index * size, (index + 1) * size);
  const { height, width, channels } = test;
  const title = test.classNames[test.labels[index]!]!;
  if (channels !== 1 && channels !== 3) {
    throw new Error(`Cannot draw the samples: images must have 1 or 3 channels, received channels = ${channels}`);
  }
  return {
    values: pixels instanceof Uint8Array ? pixels : pixels.map((value) => value * 255),
    height,
    width,
    channels,
    title,
  };
}

/** Chooses positions whose samples fall on the object most, at some distance from each other. */
function choosePositions(positions: readonly SamplingPosition[], image: PlotImage): SamplingPosition[] {
  const side = Math.max(image.height, image.width);
  const contentAt = contentMap(image);
  const score = ({ taps }: SamplingPosition): number =>
    taps.reduce((sum, { y, x, weight }) => sum + weight * contentAt(y, x), 0) /
    taps.reduce((sum, { weight }) => sum + weight, Number.MIN_VALUE);
  const ranked = positions.map((position) => ({ position, score: score(position) })).sort((a, b) => b.score - a.score);
  const chosen: SamplingPosition[] = [];
  for (const { position } of ranked) {
    const { center } = position;
    const isApart = chosen.every(
      (other) => Math.hypot(other.center.y - center.y, other.center.x - center.x) >= DISTANCE * side,
    );
    if (isApart && chosen.length < POSITIONS) chosen.push(position);
  }
  return chosen;
}

/** Difference between the pixel nearest to (y, x) and the mean of the image's border; 0 outside the image. */
function contentMap({ values, height, width, channels }: PlotImage): (y: number, x: number) => number {
  const border = new Array<number>(channels).fill(0);
  let count = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (y > 0 && y < height - 1 && x > 0 && x < width - 1) continue;
      for (let c = 0; c < channels; c++) border[c]! += values[(y * width + x) * channels + c]!;
      count++;
    }
  }
  return (y, x) => {
    const row = Math.round(y);
    const column = Math.round(x);
    if (!(row >= 0 && row < height && column >= 0 && column < width)) return 0;
    const pixel = row * width + column;
    return border.reduce((sum, total, c) => sum + Math.abs(values[pixel * channels + c]! - total / count), 0);
  };
}
