/** Checks of data sets: types, sizes, labels and finite pixels. */
import { checkInteger, rangeError, typeError, type Action } from '../errors.js';
import { checkStream, isMultiLabel, isStream, type TrainingData } from './batch_stream.js';
import { imageSize, isBytes, type Dataset } from './dataset.js';
import { isSource, type Images, type SplitImages } from './image_source.js';
import { IGNORED } from './masks.js';
import { checkPreprocessing } from './preprocessing.js';

// Data sets do not change, and scanning a large one before every evaluation would be noticeably slow.
const finiteImages = new WeakSet<Float32Array>();

/** Returns the data set if its parts have the right types, are consistent and finite; throws otherwise. */
export function checkDataset<T extends Images>(action: Action, dataset: T): T {
  checkKinds(action, dataset);
  const { labels, width, channels, classNames } = dataset;
  const count = labels.length;
  if (count === 0) throw rangeError(action, 'the data must contain at least one image', 'images', count);
  const wrong = labels.find((label) => label < 0 || label >= classNames.length);
  if (wrong !== undefined) {
    throw rangeError(action, `labels must be from 0 to ${classNames.length - 1}`, 'label', wrong);
  }
  checkMasks(action, dataset);
  checkMultiHot(action, dataset);
  if (isSource(dataset)) return dataset;
  const { images } = dataset;
  const size = imageSize(dataset);
  if (images.length !== count * size) {
    throw rangeError(action, `${count} labels must come with ${count * size} pixel values`, 'values', images.length);
  }
  if (!isBytes(images) && !finiteImages.has(images)) {
    const element = images.findIndex((value) => !Number.isFinite(value));
    if (element >= 0) {
      const [pixel, index] = [Math.floor((element % size) / channels), Math.floor(element / size)];
      const where = `image ${index}, y ${Math.floor(pixel / width)}, x ${pixel % width}, channel ${element % channels}`;
      throw rangeError(action, 'pixels must be finite', where, images[element]);
    }
    finiteImages.add(images);
  }
  return dataset;
}

/** Checks both parts of a data set. */
export function checkSplit<T extends SplitImages>(action: Action, data: T): T {
  checkParts(action, data);
  checkDataset(action, data.train);
  checkDataset(action, data.test);
  return data;
}

/** Checks both parts of a data set, the first of which may be a stream of batches. */
export function checkTrainingData(action: Action, data: TrainingData): void {
  checkParts(action, data);
  checkTraining(action, data.train);
  checkDataset(action, data.test);
  const isSeveral = isMultiLabel(data.train);
  if (isSeveral !== isMultiLabel(data.test)) {
    throw rangeError(action, 'training and test images must both have several labels, or both one', 'train', isSeveral ? 'several' : 'one'); // prettier-ignore
  }
}

/** Checks images, or a stream of batches. */
export function checkTraining(action: Action, train: TrainingData['train']): void {
  if (!isStream(train)) {
    checkDataset(action, train);
    return;
  }
  checkStream(action, train);
  checkSize(action, train);
}

function checkParts(action: Action, data: TrainingData): void {
  const given: unknown = data;
  if (typeof given !== 'object' || given === null || typeof data.name !== 'string') {
    throw typeError(action, 'data must be an object with name, train and test', 'data', typeof given);
  }
}

function checkSize(action: Action, { height, width, channels }: Pick<Dataset, 'height' | 'width' | 'channels'>): void {
  checkInteger(action, 'height', height, 1);
  checkInteger(action, 'width', width, 1);
  checkInteger(action, 'channels', channels, 1);
}

// As above, with the number of classes that they were checked for.
const goodMasks = new WeakMap<Uint8Array, number>();

/** Checks the masks of a segmentation. */
function checkMasks(action: Action, { masks, labels, classNames }: Images): void {
  if (masks === undefined) return;
  const given: unknown = masks;
  if (typeof given !== 'object' || given === null || kindOf(masks.values) !== 'Uint8Array') {
    throw typeError(action, 'masks must be an object of values (a Uint8Array), height and width', 'masks', given);
  }
  const { values, height, width } = masks;
  checkInteger(action, 'masks.height', height, 1);
  checkInteger(action, 'masks.width', width, 1);
  const count = labels.length * height * width;
  if (values.length !== count) {
    throw rangeError(action, `${labels.length} masks must have ${count} values`, 'values', values.length);
  }
  if (goodMasks.get(values) === classNames.length) return;
  const wrong = values.findIndex((value) => value >= classNames.length && value !== IGNORED);
  if (wrong >= 0) {
    const position = `image ${Math.floor(wrong / (height * width))}, y ${Math.floor(wrong / width) % height}, x ${wrong % width}`;
    const rule = `classes of masks must be from 0 to ${classNames.length - 1}, or ${IGNORED} for none`;
    throw rangeError(action, rule, position, values[wrong]);
  }
  if (values.every((value) => value === IGNORED)) {
    throw rangeError(action, `masks must have positions with a class`, 'classes', IGNORED);
  }
  goodMasks.set(values, classNames.length);
}

const goodRows = new WeakSet<Uint8Array>();

/** Checks the classes of images that may have several. */
function checkMultiHot(action: Action, { multiHot, masks, labels, classNames }: Images): void {
  if (multiHot === undefined) return;
  if (kindOf(multiHot) !== 'Uint8Array') {
    throw typeError(action, 'multiHot must be a Uint8Array', 'multiHot', kindOf(multiHot));
  }
  const count = labels.length * classNames.length;
  if (multiHot.length !== count) {
    const rule = `${labels.length} images of ${classNames.length} classes must have ${count} values of multiHot`;
    throw rangeError(action, rule, 'values', multiHot.length);
  }
  if (masks) throw rangeError(action, 'images with masks have no multiHot', 'multiHot.length', count);
  if (goodRows.has(multiHot)) return;
  const wrong = multiHot.find((value) => value > 1);
  if (wrong !== undefined) throw rangeError(action, 'multiHot must be 0 or 1', 'value', wrong);
  goodRows.add(multiHot);
}

const KINDS = ['Uint8Array', 'Uint8ClampedArray', 'Float32Array'] as const;

function checkKinds(action: Action, dataset: Images): void {
  const given: unknown = dataset;
  if (typeof given !== 'object' || given === null) {
    throw typeError(action, 'a data set must be an object with images and labels', 'dataset', given);
  }
  const { labels, classNames, preprocessing }: Partial<Record<keyof Dataset, unknown>> = dataset;
  checkPixels(action, given as Readonly<Record<string, unknown>>);
  if (kindOf(labels) !== 'Int32Array') {
    throw typeError(action, 'labels must be an Int32Array', 'labels', kindOf(labels));
  }
  checkSize(action, dataset);
  if (!Array.isArray(classNames) || !classNames.every((name) => typeof name === 'string')) {
    throw typeError(action, 'classNames must be a list of names', 'classNames', classNames);
  }
  if (preprocessing === undefined) return;
  const recorded = checkPreprocessing(action, preprocessing);
  for (const name of ['height', 'width', 'channels'] as const) {
    if (recorded[name] === dataset[name]) continue;
    throw rangeError(
      action,
      `it must be that of the images, ${dataset[name]}`,
      `preprocessing.${name}`,
      recorded[name],
    );
  }
}

/** Checks the pixels, or what reads them. */
function checkPixels(action: Action, { images, read, digests }: Readonly<Record<string, unknown>>): void {
  if (read === undefined) {
    if (KINDS.some((kind) => kind === kindOf(images))) return;
    throw typeError(action, `images must be a ${KINDS.join(', or a ')}`, 'images', kindOf(images));
  }
  if (typeof read !== 'function') throw typeError(action, 'read must be a function', 'read', read);
  if (kindOf(digests) !== 'Uint8Array') {
    throw typeError(action, 'digests must be a Uint8Array', 'digests', kindOf(digests));
  }
}

/** Name of a value's class, even if the value comes from another window. */
function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}
