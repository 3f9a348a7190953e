/** Pictures of an evaluation: the confusion matrix, unless images have several labels, and the images with the highest loss. */
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { pngDataUrl } from '../plots/png.js';
import { vegaLitePlot } from '../plots/vega_lite_plot.js';
import { writeFileAtomic } from '../support/atomic_file.js';
import { fileError } from '../support/file_error.js';
import { makeFolder } from '../support/make_folder.js';
import { batchPixels } from '../training/batch_pixels.js';
import { imageSize, isBytes, type Dataset } from '../training/dataset.js';
import type { Evaluation } from '../training/evaluate.js';
import { indicesOf, readImages, type Images } from '../training/image_source.js';
import { LABEL_THRESHOLD } from '../training/metrics/multi_label_report.js';
import { drawPredictions } from './draw_predictions.js';
import { percent } from './format.js';

const ACTION = 'draw the evaluation';
const WORST = 10;
/** Number of classes up to which the cells of the matrix hold numbers. */
const MOST_NUMBERS = 12;
/** Side of the matrix, and most of a class's name. */
const SIDE = 420;
const LABEL_LIMIT = 120;
/** Sheet of images, in pixels: columns, side of an image, distances, and lines of text. */
const SHEET = { columns: 5, side: 120, gap: 12, line: 16 } as const;

/**
 * Writes the pictures into a folder, and lists their names.
 *
 * @param threshold probability from which on a label counts as found, if images have several
 */
export async function writeEvaluationPictures(
  folder: string,
  model: tf.LayersModel,
  images: Images,
  { confusion, losses }: Evaluation,
  threshold?: number,
): Promise<string[]> {
  const worst = Array.from(losses.keys())
    .sort((a, b) => losses[b]! - losses[a]!)
    .slice(0, WORST);
  const pictures: Readonly<Record<string, string | Uint8Array>> = {
    ...(!images.multiHot && { 'confusion.svg': await drawConfusion(confusion, images.classNames) }),
    ...(images.masks
      ? { 'worst.png': await drawPredictions(model, images, worst) }
      : { 'worst.svg': await drawWorst(model, await readImages(images, worst), worst, threshold) }),
  };
  await makeFolder(ACTION, folder).catch((error: unknown) => {
    throw fileError(ACTION, folder, error);
  });
  for (const [name, picture] of Object.entries(pictures)) {
    await writeFileAtomic(path.join(folder, name), typeof picture === 'string' ? picture : [picture]);
  }
  return Object.keys(pictures);
}

/** Draws the matrix, each row as fractions of its class, so that rare classes show as well. */
async function drawConfusion(confusion: readonly (readonly number[])[], names: readonly string[]): Promise<string> {
  const values = confusion.flatMap((row, label) => {
    const total = Math.max(
      1,
      row.reduce((sum, value) => sum + value, 0),
    );
    return row.map((value, guess) => ({ label, guess, count: value, fraction: value / total }));
  });
  // Classes by number, since two may have the same name.
  const axis = (title: string): object => ({
    title,
    labelExpr: `${JSON.stringify(names)}[datum.value]`,
    labelLimit: LABEL_LIMIT,
    labelOverlap: true,
    ticks: false,
    domain: false,
  });
  const x = { field: 'guess', type: 'ordinal', axis: { ...axis('predicted class'), orient: 'top', labelAngle: -45 } };
  const y = { field: 'label', type: 'ordinal', axis: axis('true class') };
  const numbers = {
    mark: { type: 'text', fontSize: 11 },
    encoding: {
      text: { condition: { test: 'datum.count > 0', field: 'count', format: ',' }, value: '' },
      color: { condition: { test: 'datum.fraction > 0.5', value: 'white' }, value: '#333' },
    },
  };
  return vegaLitePlot({
    width: SIDE,
    height: SIDE,
    title: { text: 'Confusion matrix', subtitle: 'shades: fraction of the true class' },
    data: { values },
    encoding: { x, y },
    layer: [
      {
        mark: { type: 'rect', stroke: 'white', strokeWidth: names.length > MOST_NUMBERS ? 0 : 1 },
        encoding: {
          color: {
            field: 'fraction',
            type: 'quantitative',
            scale: { domain: [0, 1], scheme: 'blues' },
            legend: { title: null, format: '.0%', gradientLength: SIDE / 2 },
          },
        },
      },
      ...(names.length > MOST_NUMBERS ? [] : [numbers]),
    ],
  });
}

/**
 * Draws images with what the model takes them for.
 *
 * @param worst indices of the images among those that were evaluated
 */
async function drawWorst(
  model: tf.LayersModel,
  dataset: Dataset,
  worst: readonly number[],
  threshold: number | undefined,
): Promise<string> {
  const captions = await captionsOf(model, dataset, threshold);
  const { columns, side, gap, line } = SHEET;
  const height = Math.ceil(worst.length / columns) * (side + 2 * line + gap) + gap + 2 * line;
  const width = columns * (side + gap) + gap;
  const cells = await Promise.all(
    worst.map(async (index, at) => {
      const left = gap + (at % columns) * (side + gap);
      const top = gap + 2 * line + Math.floor(at / columns) * (side + 2 * line + gap);
      const place = `x="${left}" y="${top}" width="${side}" height="${side}"`;
      const texts = captions[at]!.map(
        (text, row) => `<text x="${left + side / 2}" y="${top + side + line * (row + 1) - 3}">${escaped(text)}</text>`,
      );
      const image = `<image ${place} href="${await imageUrl(dataset, at)}" style="image-rendering:pixelated"/>`;
      return `<g><title>test image ${index}</title>${image}${texts.join('')}</g>`;
    }),
  );
  const title = `<text x="${width / 2}" y="${gap + line}" font-size="15" font-weight="bold">Highest losses</text>`;
  const style = 'font-family="sans-serif" font-size="12" text-anchor="middle" fill="#333"';
  const ground = `<rect width="${width}" height="${height}" fill="white"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ${style}>${ground}${title}${cells.join('')}</svg>`;
}

/** The true class of each image, and the class that the model takes it for; all of them if it has several. */
async function captionsOf(model: tf.LayersModel, dataset: Dataset, threshold = LABEL_THRESHOLD): Promise<string[][]> {
  const { labels, height, width, channels, classNames, multiHot } = dataset;
  const output = tf.tidy(() => {
    const pixels = batchPixels(dataset, indicesOf(dataset));
    return model.predict(tf.tensor4d(pixels, [labels.length, height, width, channels])) as tf.Tensor;
  });
  const values = await output.data();
  output.dispose();
  return Array.from(labels, (label, index) => {
    const row = Array.from(values.subarray(index * classNames.length, (index + 1) * classNames.length));
    if (multiHot) {
      const list = (isChosen: (at: number) => boolean): string =>
        classNames.filter((_, at) => isChosen(at)).join(', ') || 'none';
      const truth = list((at) => multiHot[index * classNames.length + at] === 1);
      return [`is ${truth}`, `taken for ${list((at) => row[at]! >= threshold)}`];
    }
    const best = row.reduce((found, value, at) => (value > row[found]! ? at : found), 0);
    return [`is ${classNames[label]}`, `taken for ${classNames[best]} (${percent(row[best]!, 0)})`];
  });
}

/** The image at an index as it was loaded, before it is scaled for the model. */
async function imageUrl(dataset: Dataset, index: number): Promise<string> {
  const { height, width, channels, images } = dataset;
  const size = imageSize(dataset);
  const pixels = Array.from(images.subarray(index * size, (index + 1) * size));
  if (channels !== 1 && channels !== 3) {
    throw new Error(`Cannot ${ACTION}: images must have 1 or 3 channels, received channels = ${channels}`);
  }
  return pngDataUrl({
    values: isBytes(images) ? pixels : pixels.map((value) => value * 255),
    height,
    width,
    channels,
  });
}

/** Text for SVG, without characters that XML does not allow. */
function escaped(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, '\uFFFD')
    .replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);
}
