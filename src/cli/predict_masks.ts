/** The command `predict` for a segmentation: a mask for each image, of its name and its size. */
import { promises as fs } from 'node:fs';
import path from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import { CorruptFileError } from '../errors.js';
import { writeFileAtomic } from '../support/atomic_file.js';
import { fileError } from '../support/file_error.js';
import { makeFolder } from '../support/make_folder.js';
import { loadAllOptional, loadOptional } from '../support/optional_package.js';
import { decoderError, findSharp, runDecoder } from '../training/decoder.js';
import { CLASSES_FILE } from '../training/mask_listing.js';
import { IGNORED } from '../training/masks.js';
import { placeImage, preprocessingOf, type Preprocessing } from '../training/preprocessing.js';
import type { PredictCommandOptions } from './command_options.js';
import { predictMasks } from './draw_predictions.js';
import { describe, EXIT, printNote, UsageError, type ExitStatus } from './exit_status.js';
import { count } from './format.js';
import { deferInterrupt } from './interruption.js';
import { colourOf, NO_CLASS } from './mask_colours.js';
import { mayHoldMask, MASK_TEXT } from './own_mask.js';
import { inBatches, listFiles, reportLeftOut, type LeftOut } from './predict_files.js';
import { checkSize, prepareImages } from './predict_images.js';

const ACTION = 'predict';

/** An image to find the mask of, and the name of its mask. */
interface Item {
  readonly file: string;
  readonly name: string;
}

/** A model that segments, and all that its masks need. */
interface Segmenter {
  readonly model: tf.LayersModel;
  readonly input: Preprocessing;
  /** Names of the classes. */
  readonly names: readonly string[];
  readonly encode: (mask: Mask) => Uint8Array;
}

/** Numbers of images. */
interface Counts {
  done: number;
  broken: number;
  readonly leftOut: LeftOut;
}

/** Writes the masks of images into the folder `--out`. */
export async function runPredictMasks(
  model: tf.LayersModel,
  places: readonly string[],
  options: PredictCommandOptions,
): Promise<ExitStatus> {
  const { out } = options;
  if (out === undefined) throw new UsageError("option '--out' must be a folder for the masks of a model that segments");
  for (const place of places) await checkApart(place, out);
  const segmenter = await openSegmenter(model, options);
  const interruption = deferInterrupt(() => undefined);
  const started = performance.now();
  const counts: Counts = { done: 0, broken: 0, leftOut: { count: 0 } };
  try {
    await newFolder(out);
    let isNamed = false;
    for await (const batch of inBatches(itemsOf(places, counts.leftOut), options.batch)) {
      interruption.signal.throwIfAborted();
      await checkTargets(batch, out);
      if (!isNamed) await writeNames(path.join(out, CLASSES_FILE), segmenter.names);
      isNamed = true;
      await writeMasks(segmenter, batch, out, counts);
    }
  } catch (error) {
    if (interruption.signal.aborted) return interruption.status;
    throw error;
  } finally {
    interruption.release();
  }
  const { done, broken, leftOut } = counts;
  if (broken > 0 && options.skipBroken !== true) {
    const rule = 'every image must be complete and readable (the notes name those that are not; or pass --skip-broken)';
    throw new Error(`Cannot predict: ${rule}, received broken images = ${broken}`);
  }
  if (done + broken === 0) throw new CorruptFileError(ACTION, 'there must be images', places.join(', '));
  const seconds = (performance.now() - started) / 1000;
  printNote(`${count(done)} masks in ${seconds.toFixed(1)} s, written to ${out}`);
  if (broken > 0) printNote(`${broken === 1 ? '1 image was' : `${count(broken)} images were`} passed over`);
  reportLeftOut(leftOut);
  return EXIT.success;
}

/** Reads what the model records, and what the options say instead. */
async function openSegmenter(model: tf.LayersModel, options: PredictCommandOptions): Promise<Segmenter> {
  const unused = {
    '--format': options.format !== 'table',
    '--top': options.top !== undefined,
    '--threshold': options.threshold !== undefined,
  };
  const [flag] = Object.entries(unused).find(([, isGiven]) => isGiven) ?? [];
  if (flag !== undefined) throw new UsageError(`option '${flag}' cannot be used with a model that segments`);
  const { shape } = model.inputs[0]!;
  checkSize(options.size, [shape[1], shape[2]]);
  const recorded = preprocessingOf(model, options.size);
  const [scale, offset] = options.preprocessing ?? [recorded.scale, recorded.offset];
  const classes = model.outputs[0]!.shape[3]!;
  const { classNames } =
    (model.getUserDefinedMetadata() as { readonly classNames?: readonly string[] } | undefined) ?? {};
  const names = options.classNames ?? classNames ?? Array.from({ length: classes }, (_, index) => String(index));
  if (names.length !== classes) {
    throw new Error(`Cannot predict: there must be a name for each of ${classes} classes, received names = ${names.length}`); // prettier-ignore
  }
  return { model, input: { ...recorded, scale, offset }, names, encode: await maskEncoder(classes) };
}

/** Refuses a folder for masks in which the images are. */
async function checkApart(place: string, out: string): Promise<void> {
  if (!(await isFolder(place))) return;
  const inside = path.relative(await fs.realpath(place), await fs.realpath(out).catch(() => path.resolve(out)));
  if (inside.split(path.sep)[0] === '..' || path.isAbsolute(inside)) return;
  throw new UsageError(`option '--out' must be outside the folder of the images '${place}', received out = '${out}'`);
}

/** Refuses masks whose files would replace others. */
async function checkTargets(batch: readonly Item[], out: string): Promise<void> {
  for (const { name } of batch) {
    const target = path.join(out, name);
    if (!(await mayHoldMask(target))) throw keepError(target);
  }
}

/** Writes the names of the classes, unless the folder has those of something else. */
async function writeNames(file: string, names: readonly string[]): Promise<void> {
  const text = `${JSON.stringify(names)}\n`;
  const found = await fs.readFile(file, 'utf8').catch(() => undefined);
  if (found === undefined) return writeFileAtomic(file, text);
  if (found !== text) throw keepError(file);
}

function keepError(file: string): Error {
  return new Error(`Cannot predict: the folder of the masks must hold no other file of this name, received file = '${file}'`); // prettier-ignore
}

async function isFolder(place: string): Promise<boolean> {
  return (await fs.stat(place).catch(() => undefined))?.isDirectory() === true;
}

/** Makes a folder, and names it in an error. */
async function newFolder(folder: string): Promise<void> {
  await makeFolder(ACTION, folder).catch((error: unknown) => {
    throw fileError(ACTION, folder, error);
  });
}

/** Writes the masks of a batch, and counts its images. */
async function writeMasks(
  { model, input, encode }: Segmenter,
  batch: readonly Item[],
  out: string,
  counts: Counts,
): Promise<void> {
  const prepared = await prepareImages(
    batch.map(({ file }) => file),
    input,
  );
  for (const error of prepared.broken) printNote(describe(error));
  counts.broken += prepared.broken.length;
  if (prepared.files.length === 0) return;
  const { height, width, channels } = input;
  const masks = await predictMasks(model, prepared.pixels, [height, width, channels]);
  const size = masks.height * masks.width;
  for (const [index, file] of prepared.files.entries()) {
    const mask = { ...masks, values: masks.values.subarray(index * size, (index + 1) * size) };
    const whole = await atFullSize(mask, file, input);
    const target = path.join(out, batch.find((item) => item.file === file)!.name);
    await makeFolder(ACTION, path.dirname(target));
    await writeFileAtomic(target, [encode(whole)]);
    counts.done++;
  }
}

/** Lists images and names their masks: those in a folder by their path inside it. */
async function* itemsOf(places: readonly string[], leftOut: LeftOut): AsyncGenerator<Item> {
  const taken = new Map<string, string>();
  for (const place of places) {
    const isInside = await isFolder(place);
    for await (const file of listFiles([place], leftOut)) {
      const inside = isInside ? path.relative(place, file) : path.basename(file);
      const name = `${inside.slice(0, inside.length - path.extname(inside).length)}.png`;
      const other = taken.get(name);
      if (other !== undefined) {
        throw new Error(`Cannot predict: no two images may have masks of one name, received files = ${other}, ${file}`);
      }
      taken.set(name, file);
      yield { file, name };
    }
  }
}

/** Classes of the pixels of an image. */
interface Mask {
  readonly values: Uint8Array;
  readonly height: number;
  readonly width: number;
}

/** Enlarges a mask to the size of its image; parts of the image that the model does not see have no class. */
async function atFullSize({ values, ...mask }: Mask, file: string, input: Preprocessing): Promise<Mask> {
  const answer = await runDecoder(ACTION, { images: [{ path: file }], work: 'size', decoding: input });
  if (answer.failures[0]) throw decoderError(ACTION, file, answer.failures[0]);
  const [height, width] = new Uint32Array(answer.pixels.buffer) as unknown as readonly [number, number];
  const place = placeImage({ height, width }, input);
  const whole = new Uint8Array(height * width).fill(IGNORED);
  // Of each row or column of the image, the one of the mask that covers its middle.
  const along = (size: number, first: number, placed: number, shown: number, own: number): Int32Array =>
    Int32Array.from({ length: size }, (_, at) => {
      const inInput = first + ((at + 0.5) * placed) / size;
      return inInput < 0 || inInput >= shown ? -1 : Math.floor((inInput * own) / shown);
    });
  const rows = along(height, place.top, place.height, input.height, mask.height);
  const columns = along(width, place.left, place.width, input.width, mask.width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (rows[y]! >= 0 && columns[x]! >= 0) whole[y * width + x] = values[rows[y]! * mask.width + columns[x]!]!;
    }
  }
  return { values: whole, height, width };
}

/** Encodes masks as PNG with a palette. */
async function maskEncoder(classes: number): Promise<(mask: Mask) => Uint8Array> {
  const load = () => loadOptional('write masks', 'fast-png', () => import('fast-png'));
  await loadAllOptional([load, () => findSharp(ACTION)]);
  const { encode } = await load();
  const palette = Array.from({ length: 256 }, (_, index): [number, number, number] => {
    const [red, green, blue] = index < classes ? colourOf(index) : NO_CLASS;
    return [red, green, blue];
  });
  return ({ values, height, width }) => encode({ data: values, height, width, channels: 1, palette, text: MASK_TEXT });
}
