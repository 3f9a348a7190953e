/** Pretrained networks of the package, `pretrained/emoji`, whose files the build copies into the page. */

/** Addresses of the files of a network, relative to the script that reads them. */
export interface TrunkFiles {
  readonly model: string;
  readonly weights: string;
}

const FOLDER = '../../../pretrained/emoji/';
const MODELS = import.meta.glob<string>('../../../pretrained/emoji/*/model.json', {
  query: '?url',
  import: 'default',
  eager: true,
});
const WEIGHTS = import.meta.glob<string>('../../../pretrained/emoji/*/weights.bin', {
  query: '?url',
  import: 'default',
  eager: true,
});

/** The network that is chosen unless the user chooses another one. */
const DEFAULT = 'mobileNetV1';
const PREFIX = 'pretrained/';

/** A pretrained network as the form names it. */
export type TrunkChoice = `${typeof PREFIX}${string}`;

const NAMES = Object.keys(MODELS)
  .map((file) => file.slice(FOLDER.length, -'/model.json'.length))
  .sort((a, b) => Number(b === DEFAULT) - Number(a === DEFAULT) || (a < b ? -1 : 1));

/** All of them, the default one first. */
export const TRUNKS: readonly TrunkChoice[] = NAMES.map((name): TrunkChoice => `${PREFIX}${name}`);

export const DEFAULT_TRUNK: TrunkChoice = `${PREFIX}${DEFAULT}`;

export function isTrunk(choice: unknown): choice is TrunkChoice {
  return TRUNKS.some((trunk) => trunk === choice);
}

export function trunkTitle(trunk: TrunkChoice): string {
  const name = trunk.slice(PREFIX.length).replace('-deformable', ', deformable');
  return `Pretrained ${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

export function trunkFiles(trunk: TrunkChoice): TrunkFiles {
  const folder = `${FOLDER}${trunk.slice(PREFIX.length)}`;
  return { model: MODELS[`${folder}/model.json`]!, weights: WEIGHTS[`${folder}/weights.bin`]! };
}
