/** Options that models have in common. */
import { checkInteger, rangeError, typeError, type Action } from '../errors.js';
import { toBoolean } from '../layers/config.js';

/** Which convolutions of a network are deformable. */
export interface DeformableOptions {
  /** How many, counted from the end. */
  readonly last: number;
  /** Whether every sample also has a learned weight (version 2). @default true */
  readonly modulated?: boolean;
}

/** Refuses an option that the model would ignore. */
export function checkOptionNames(action: Action, options: object, names: readonly string[]): void {
  for (const [name, value] of Object.entries(options)) {
    if (!names.includes(name)) throw typeError(action, `the options are ${names.join(', ')}`, name, value);
  }
}

/** The options with their defaults; none is deformable where there are none. */
export function checkDeformable(
  action: Action,
  options: DeformableOptions | undefined,
  available: number,
): Required<DeformableOptions> {
  if (options === undefined) return { last: 0, modulated: true };
  checkOptionNames(`${action}'s deformable layers`, options, ['last', 'modulated']);
  const last = checkInteger(action, 'deformable.last', options.last, 0);
  if (last > available) throw rangeError(action, `there are ${available} such convolutions`, 'deformable.last', last);
  return { last, modulated: toBoolean(action, 'deformable.modulated', options.modulated, true) };
}

/** [height, width, channels]; height and width may be unknown. */
export function toImageShape(action: Action, shape: unknown): readonly [number | null, number | null, number] {
  if (!Array.isArray(shape) || shape.length !== 3) {
    throw typeError(action, 'inputShape must be [height, width, channels]', 'inputShape', shape);
  }
  const [height, width, channels] = shape as unknown[];
  const size = (value: unknown): number | null =>
    value === null ? null : checkInteger(action, 'inputShape', value, 1);
  return [size(height), size(width), checkInteger(action, 'inputShape', channels, 1)];
}
