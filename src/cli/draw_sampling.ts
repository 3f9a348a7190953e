/** `sampling.svg`: the last deformable layer over one test image of each of the first classes. */
import * as tf from '@tensorflow/tfjs';
import { samplingLocations, type SamplingPosition } from '../analysis/sampling_locations.js';
import { DeformableConv2D } from '../layers/deformable_conv2d.js';
import { samplingPlot, type PlotImage } from '../plots/sampling_plot.js';
import { batchPixels, imageSize, type Dataset } from '../training/dataset.js';

const IMAGES = 6;
const POSITIONS = 3;
/** Half the side of the window in which an output position's content is judged, as a share of the image. */
const REACH = 1 / 14;
/** Smallest distance between two chosen positions, as a share of the image. */
const DISTANCE = 1 / 4;

/** The picture as SVG text, or undefined for a network without deformable layers. */
export async function drawSampling(model: tf.LayersModel, test: Dataset): Promise<string | undefined> {
  if (!model.layers.some((layer) => layer instanceof DeformableConv2D)) return undefined;
  const indices = test.classNames
    .slice(0, IMAGES)
    .map((_, label) => test.labels.indexOf(label))
    .filter((index) => index >= 0);
  const x = tf.tensor4d(batchPixels(test, indices), [indices.length, test.height, test.width, test.channels]);
  const all = await samplingLocations(model, x);
  x.dispose();
  const images = indices.map((index) => toPlotImage(test, index));
  const chosen = all.images.map((positions, index) => choosePositions(positions, images[index]!));
  return samplingPlot({ ...all, images: chosen }, images);
}

function toPlotImage(test: Dataset, index: number): PlotImage {
  const size = imageSize(test);
  const pixels = test.images.subarray(index * size, (index + 1) * size);
  const { height, width, channels } = test;
  const title = test.classNames[test.labels[index]!]!;
  if (channels !== 1 && channels !== 3) throw new Error(`Cannot draw images of ${channels} channels`);
  return {
    values: pixels instanceof Uint8Array ? pixels : pixels.map((value) => value * 255),
    height,
    width,
    channels,
    title,
  };
}

/** Positions on the content: where the image differs most from its border, apart from each other. */
function choosePositions(positions: readonly SamplingPosition[], image: PlotImage): SamplingPosition[] {
  const { height, width } = image;
  const contents = contentMap(image);
  const score = ({ center }: SamplingPosition): number => {
    const reach = Math.max(1, Math.round(REACH * Math.max(height, width)));
    let sum = 0;
    for (let y = Math.round(center.y) - reach; y <= center.y + reach; y++) {
      for (let x = Math.round(center.x) - reach; x <= center.x + reach; x++) {
        if (y >= 0 && y < height && x >= 0 && x < width) sum += contents[y * width + x]!;
      }
    }
    return sum;
  };
  const ranked = positions.map((position) => ({ position, score: score(position) })).sort((a, b) => b.score - a.score);
  const chosen: SamplingPosition[] = [];
  for (const { position } of ranked) {
    const { center } = position;
    const isApart = chosen.every(
      (other) => Math.hypot(other.center.y - center.y, other.center.x - center.x) >= DISTANCE * Math.max(height, width),
    );
    if (isApart && chosen.length < POSITIONS) chosen.push(position);
  }
  return chosen;
}

/** For every pixel how much it differs from the mean of the border. */
function contentMap({ values, height, width, channels }: PlotImage): Float32Array {
  const border = new Array<number>(channels).fill(0);
  let count = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (y > 0 && y < height - 1 && x > 0 && x < width - 1) continue;
      for (let c = 0; c < channels; c++) border[c]! += values[(y * width + x) * channels + c]!;
      count++;
    }
  }
  return Float32Array.from({ length: height * width }, (_, pixel) =>
    border.reduce((sum, total, c) => sum + Math.abs(values[pixel * channels + c]! - total / count), 0),
  );
}
