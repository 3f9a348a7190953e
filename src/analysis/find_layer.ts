/** Finds a layer in the calls of a model by its path. */
import { oneLine, rangeError, typeError, type Action } from '../errors.js';

/** Most layers to name in an error. */
const MOST_NAMED = 10;

/**
 * Finds the entry with a path: the name of a layer, in a nested model after the names of the models, `'base/conv_1'`.
 *
 * @throws TypeError for anything but a string; RangeError naming the layers that may be meant: those of this name in nested models, or of the nested model of
 * this name, or else those of the model
 */
export function findLayer<T>(action: Action, entries: readonly T[], pathOf: (entry: T) => string, path: unknown): T {
  if (typeof path !== 'string') throw typeError(action, 'layer must be the name of a layer', 'layer', path);
  const found = entries.find((entry) => pathOf(entry) === path);
  if (found !== undefined) return found;
  const paths = [...new Set(entries.map(pathOf))];
  const matching = (test: (candidate: string) => boolean): string[] => paths.filter(test);
  const inside = matching((candidate) => candidate.endsWith(`/${path}`));
  const below = matching((candidate) => candidate.startsWith(`${path}/`));
  const last = path.slice(path.lastIndexOf('/') + 1);
  const namesake = matching((candidate) => candidate === last);
  const meant = [inside, below, namesake].find(({ length }) => length > 0) ?? paths;
  const names = meant.slice(-MOST_NAMED).map((candidate) => `'${candidate}'`);
  const more = meant.length > names.length ? '…, ' : '';
  throw rangeError(action, oneLine(`layer must be the name of a layer: ${more}${names.join(', ')}`), 'layer', path);
}
