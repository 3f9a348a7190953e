/** State of the form, and its conversion to the plan of a run. */
import type { EncodedModel } from 'tfjs-convolutions/training';
import type { BackendName } from '../engine/backends.js';
import { newId } from '../shared/new_id.js';
import { isNetworkName, type NetworkName } from './network_list.js';
import type { ImageClass, NetworkChoice, NetworkFacts, Plan, Settings } from './protocol.js';
import { DEFAULT_TRUNK, isTrunk, type TrunkChoice } from './trunks.js';

export type DataKind = Plan['data']['kind'];

/** Numeric fields, as entered. */
export interface SettingFields {
  readonly epochs: string;
  readonly batchSize: string;
  readonly learningRate: string;
  readonly seed: string;
  readonly augmentation: boolean;
}

/** An imported network. */
export interface ImportedNetwork {
  readonly files: EncodedModel;
  readonly facts: NetworkFacts;
}

export interface Form {
  readonly data: DataKind;
  readonly limit: number;
  readonly classes: readonly ImageClass[];
  readonly size: number;
  readonly network: NetworkName | TrunkChoice | 'imported';
  readonly imported: ImportedNetwork | undefined;
  readonly backend: BackendName | undefined;
  /** A few dozen images need more epochs and smaller batches than thousands. */
  readonly settings: Readonly<Record<DataKind, SettingFields>>;
}

const DIGIT_SETTINGS: SettingFields = {
  epochs: '5',
  batchSize: '32',
  learningRate: '0.003',
  seed: '1',
  augmentation: true,
};

export const FIRST_FORM: Form = {
  data: 'digits',
  limit: 2000,
  classes: [newClass('Class A'), newClass('Class B')],
  size: 32,
  network: 'cnn-deformable',
  imported: undefined,
  backend: undefined,
  settings: {
    digits: DIGIT_SETTINGS,
    images: { ...DIGIT_SETTINGS, epochs: '30', batchSize: '8', learningRate: '0.01' },
  },
};

/** Network chosen at first for each kind of data; pretrained ones take photos, and the digits are too small for them. */
const FIRST_NETWORKS = { digits: FIRST_FORM.network, images: DEFAULT_TRUNK } as const;

/** Changes the kind of data, and the network with it if that was the first choice for the other kind. */
export function withData({ data: before, network }: Form, data: DataKind): Pick<Form, 'data' | 'network'> {
  const isUnsuited = data === 'digits' && isTrunk(network);
  return { data, network: network === FIRST_NETWORKS[before] || isUnsuited ? FIRST_NETWORKS[data] : network };
}

export function newClass(name: string): ImageClass {
  return { id: newId(), name, images: [] };
}

/** Name of the next class: the first letter that is free from the number of classes on. */
export function nextClassName(classes: readonly ImageClass[]): string {
  const names = new Set(classes.map(({ name }) => name.trim()));
  for (let number = classes.length; ; number++) {
    const letter = String.fromCharCode('A'.charCodeAt(0) + (number % LETTERS));
    const round = Math.floor(number / LETTERS);
    const name = `Class ${letter}${round === 0 ? '' : round + 1}`;
    if (!names.has(name)) return name;
  }
}

/** Number of letters in the alphabet. */
const LETTERS = 26;

interface NumberRule {
  readonly title: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly isWhole: boolean;
}

export const NUMBER_RULES = {
  epochs: { title: 'Epochs', minimum: 1, maximum: 1000, isWhole: true },
  batchSize: { title: 'Batch size', minimum: 1, maximum: 512, isWhole: true },
  learningRate: { title: 'Learning rate', minimum: 0.00001, maximum: 1, isWhole: false },
  seed: { title: 'Seed', minimum: 0, maximum: 4294967295, isWhole: true },
} as const satisfies Record<string, NumberRule>;

/** A mistake that the user must correct before training starts, in one sentence. */
export class FormError extends Error {
  override readonly name = 'FormError';
}

/**
 * Converts the form to a plan.
 *
 * @throws FormError for the first invalid field
 */
export function planOf(form: Form): Plan {
  if (!form.backend) throw new FormError('The available backends are still being detected; try again in a moment.');
  const settings = readSettings(form.settings[form.data]);
  if (form.data === 'images') checkClasses(form.classes);
  const network = readNetwork(form);
  return {
    data:
      form.data === 'digits'
        ? { kind: 'digits', limit: form.limit }
        : { kind: 'images', classes: form.classes, size: form.size },
    network,
    settings,
    backend: form.backend,
  };
}

function readSettings(fields: SettingFields): Settings {
  return {
    epochs: readNumber(fields, 'epochs'),
    batchSize: readNumber(fields, 'batchSize'),
    learningRate: readNumber(fields, 'learningRate'),
    seed: readNumber(fields, 'seed'),
    augmentation: fields.augmentation,
  };
}

function readNumber(fields: SettingFields, name: keyof typeof NUMBER_RULES): number {
  const { title, minimum, maximum, isWhole }: NumberRule = NUMBER_RULES[name];
  const value = fields[name].trim() === '' ? NaN : Number(fields[name]);
  if (value >= minimum && value <= maximum && (!isWhole || Number.isInteger(value))) return value;
  throw new FormError(`${title} must be a ${isWhole ? 'whole ' : ''}number from ${minimum} to ${maximum}.`);
}

function checkClasses(classes: readonly ImageClass[]): void {
  if (classes.length < 2) throw new FormError('Your own images need at least two classes.');
  const names = classes.map(({ name }) => name.trim());
  if (names.includes('')) throw new FormError('Every class needs a name.');
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new FormError(`Two classes are called “${twice}”; give them different names.`);
  const small = classes.find(({ images }) => images.length < 2);
  if (small) {
    throw new FormError(
      `“${small.name}” has ${small.images.length === 1 ? 'one image' : 'no images'}; every class needs two or more, and a few dozen to learn well.`,
    );
  }
}

function readNetwork(form: Form): NetworkChoice {
  const { network } = form;
  if (network === 'imported') return readImported(form);
  if (isNetworkName(network)) return { kind: 'named', name: network };
  if (!isTrunk(network)) throw new FormError('This page no longer has the chosen network; choose another one.');
  if (form.data === 'digits') throw new FormError('Pretrained networks take your own images; choose another network.');
  return { kind: 'pretrained', name: network };
}

function readImported({ imported, data, classes }: Form): NetworkChoice {
  if (!imported) throw new FormError('Choose the files of the network first: model.json and its weights.');
  const [height, width, channels] = imported.facts.inputShape;
  const wanted = data === 'digits' ? 10 : classes.length;
  const known = imported.facts.classNames.length;
  if (known !== wanted) {
    throw new FormError(`The imported network has ${known} classes, but the images have ${wanted}.`);
  }
  if (height !== width || ![1, 3].includes(channels) || (data === 'digits' && (height !== 28 || channels !== 1))) {
    throw new FormError(
      `The imported network takes images of ${height} × ${width} × ${channels}, but these have another shape.`,
    );
  }
  return { kind: 'imported', model: imported.files };
}
