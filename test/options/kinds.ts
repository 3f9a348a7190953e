/** Kinds of options, each with the values that it must refuse. */
import * as tf from '@tensorflow/tfjs';

/** A kind of option. */
export interface Kind {
  /** Values that must be refused; made anew where they are tensors. */
  readonly bad: () => readonly unknown[];
  /** Values of the right kind that are too large for any tensor, if it is a size. */
  readonly huge?: readonly unknown[];
  /** True if the option must be given. */
  readonly required?: boolean;
  /** Options of the object that it is. */
  readonly nested?: Readonly<Record<string, Kind>>;
  /** Those of them that make it right. */
  readonly base?: object;
}

/** A kind of option that must be given. */
export interface RequiredKind extends Kind {
  readonly required: true;
}

const INT32 = 2 ** 31;

/** Largest number of pixels along an axis. */
const LONGEST = 2 ** 29 - 1;

/** Sizes that a layer on 16 × 16 images of 8 channels must refuse, if not for themselves, then for the size of its weights or output. */
const HUGE = [2 ** 28, LONGEST, 2 ** 30, INT32 - 1];

/** Values that are no number, for options that are one. */
const NO_NUMBERS = [null, '1', '', true, {}, [], [1], 1n, () => 1, Symbol('1')] as const;

/** Values that are no list. */
const NO_LISTS = [null, 5, NaN, 'text', true, {}, new Float32Array(2), () => [1]] as const;

const kind = (...bad: readonly unknown[]): Kind => ({ bad: () => bad });

export function required(of: Kind): RequiredKind {
  return { ...of, bad: () => [...of.bad(), undefined], required: true };
}

/** One that may be null. */
export function nullable(of: Kind): Kind {
  return { ...of, bad: () => of.bad().filter((value) => value !== null) };
}

/** The kind, with more values that it must refuse. */
export function but(of: Kind, ...bad: readonly unknown[]): Kind {
  return { ...of, bad: () => [...of.bad(), ...bad] };
}

/** An integer from `minimum`. */
export function integer(minimum: number, maximum = INT32 - 1): Kind {
  const outside = [minimum - 1, minimum + 0.5, -INT32 - 1, maximum + 1, 2 ** 53, 1e308];
  return {
    ...kind(...NO_NUMBERS, NaN, Infinity, -Infinity, ...outside),
    huge: HUGE.filter((value) => value <= maximum),
  };
}

export const count = integer(1);

/** A number of pixels along an axis. */
export const pixels = integer(1, LONGEST);

/** Ends of a range of numbers. */
interface Ends {
  readonly from?: number;
  readonly above?: number;
  readonly to?: number;
  readonly below?: number;
}

/** A number of a range; any finite one of 32 bits without ends. */
export function number({ from, above, to, below }: Ends = {}): Kind {
  const outside = [
    ...(from === undefined ? [] : [from - 1, -1e308]),
    ...(above === undefined ? [] : [above, above - 1]),
    ...(to === undefined ? [] : [to + 1, INT32]),
    ...(below === undefined ? [] : [below, INT32]),
  ];
  return kind(...NO_NUMBERS, NaN, Infinity, -Infinity, 1e308, ...outside);
}

export const boolean = kind(null, 0, 1, NaN, 'true', 'false', '', {}, [], [true], () => true);

/** One of some words. */
export function word(...words: readonly string[]): Kind {
  const [first] = words as [string];
  const names = ['nonsense', '', `${first} `, first.toUpperCase(), '__proto__', 'constructor', 'toString'];
  const wrong = names.filter((name) => !words.includes(name));
  return kind(null, 0, 1, NaN, true, {}, [], [first], () => first, ...wrong, 'a\nb');
}

/** One of some numbers. */
export function oneOf(...numbers: readonly number[]): Kind {
  return kind(...NO_NUMBERS, NaN, Infinity, -1, INT32, 1e308, Math.max(...numbers) + 1, Math.min(...numbers) + 0.1);
}

/** A number of at least `minimum` for both axes, or two of them. */
export function pair(minimum: number): Kind {
  const size = integer(minimum, LONGEST);
  const numbers = size.bad().filter((value) => typeof value === 'number');
  const pairs = numbers.flatMap((value) => [[value, minimum], [minimum, value]]); // prettier-ignore
  const wrong = [null, '1', '1,1', true, {}, { 0: 1, 1: 1 }, [], [1], [1, 1, 1], ['1', 1], [1, null], [[1, 1], 1]];
  return {
    ...kind(...wrong, new Int32Array([1, 1]), () => 1, ...numbers, ...pairs),
    huge: size.huge!.flatMap((value) => [value, [value, minimum], [minimum, value]]),
  };
}

const amounts = integer(0, LONGEST)
  .bad()
  .filter((value) => typeof value === 'number');
const badAmounts = [
  ...[...amounts, null, true, {}, () => 1, [], [1], [1, 1, 1], ['1', 1], [1, null], [[1, 1]], [[1], [1]]],
  ...[[[1, 1, 1], [1, 1]], [[1, -1], [1, 1]], [[1, 1], ['1', 1]], [[1, 1], [1, null]], [[1, NaN], [1, 1]]], // prettier-ignore
  ...[[-1, 1], [1, 0.5], new Int32Array([1, 1]), { top: 1 }, [[INT32, 1], [1, 1]]], // prettier-ignore
];

const hugeAmounts = [2 ** 28, LONGEST, [2 ** 28, 0], [[0, 0], [LONGEST, 1]]]; // prettier-ignore

/** Padding in pixels or by one of the two words. */
export const padding: Kind = {
  ...kind(...badAmounts, 'SAME', 'full', 'causal', '', '1', '__proto__'),
  huge: hugeAmounts,
};

/** Padding in pixels. */
export const amount: Kind = { ...kind(...badAmounts, 'same', 'valid', 'SAME', ''), huge: hugeAmounts };

export const paddingMode = word('zeros', 'reflect', 'replicate', 'circular');

/** Any text, of one character at least. */
export const text = kind(null, 0, 5, NaN, true, {}, [], ['text'], () => 'text', '');

/** The name of something that the call knows. */
export const knownName = but(text, 'nonsense', '__proto__', 'constructor');

/** A list of a kind, of any length or of one. */
export function list(of: Kind, good: unknown, length?: number): Kind {
  const size = length ?? 1;
  const filled = (value: unknown): unknown[] =>
    Array.from({ length: size }, (_, index) => (index === 0 ? value : good));
  return {
    bad: () => [
      ...NO_LISTS,
      ...of.bad().map(filled),
      ...(length === undefined ? [] : [filled(good).slice(1), [...filled(good), good], []]),
    ],
    ...(of.huge === undefined ? {} : { huge: of.huge.map(filled) }),
  };
}

/** A limit of a random change: a number, or two of them. */
export function factor(ends: Ends): Kind {
  return { bad: () => [...number(ends).bad(), ...list(number(ends), 0, 2).bad()] };
}

/** The sizes of one image, or of one of each input, [height, width, channels]. */
export const imageShape: Kind = list(integer(1), 8, 3);

/** The same where sizes may be open. */
export const openImageShape: Kind = {
  bad: () => [...NO_LISTS, [], [8], [8, 8], [8, 8, 8, 8], ['8', 8, 3], [8, -1, 3], [0, 8, 3], [8, 8, null], [8, NaN, 3], [8, 8.5, 3], [INT32, 8, 3], [8, 8, 1e308]], // prettier-ignore
};

/** The shape of a layer's input, of any rank. */
export const layerShape: Kind = {
  bad: () => [...NO_LISTS, ['8', 8, 3], [8, -1, 3], [NaN, 8, 3], [8, 8.5, 3], [8, 8, INT32], [8, 8, Infinity], [[8, 8, 3]], [true, 8, 3]], // prettier-ignore
};

/** A float32 tensor of a shape. */
export function tensor(...shape: readonly number[]): Kind {
  return {
    bad: () => [
      ...[null, 5, NaN, 'text', true, {}, [], [1, 2], new Float32Array(2), () => 1, tf.input({ shape: [3] })],
      ...[tf.scalar(1), tf.ones([...shape, 2]), tf.ones(shape.map((size) => size + 1)), tf.ones([...shape], 'int32')],
    ],
  };
}

export const activation = word('relu', 'swish', 'hardSwish');
export const fusedActivation = but(word('relu', 'relu6', 'linear'), 'swish', 'hardSwish', 'sigmoid');

const SERIALIZED = [{}, { l2: 0.1 }, { value: 0.1 }, { maxValue: 2 }, { className: 'Constant', config: {} }, { className: 'Nonsense' }, { className: '__proto__' }, { className: 'constructor' }, { className: 5 }]; // prettier-ignore
const NO_OBJECTS = [0, 5, NaN, true, [], ['zeros'], '', 'nonsense', '__proto__', 'constructor', () => 1, new Map()];

export const initializer: Kind = { bad: () => [null, ...NO_OBJECTS, ...SERIALIZED, 'l2', tf.regularizers.l2()] };
export const regularizer: Kind = { bad: () => [null, ...NO_OBJECTS, ...SERIALIZED, 'zeros', tf.initializers.zeros()] };
export const constraint: Kind = { bad: () => [null, ...NO_OBJECTS, ...SERIALIZED, 'zeros', tf.initializers.zeros()] };

/** A function. */
export const callback = kind(null, 0, 5, NaN, true, 'text', {}, []);

/** An object of options of its own. */
export function nested(options: Readonly<Record<string, Kind>>, base: object): Kind {
  return { bad: () => [...NO_LISTS.filter((value) => typeof value !== 'object' || value === null), [], new Map()], nested: options, base }; // prettier-ignore
}

/** Samples of a bin along an axis. */
export const samples = integer(1, 256);

/** The same, where those below 1 follow the box. */
export const samplesOrFewer: Kind = {
  bad: () => samples.bad().filter((value) => !Number.isInteger(value) || (value as number) > 0),
};

/** An activation of a layer of the host. */
export const hostActivation = but(word('relu', 'swish'), 'hardSwish');
