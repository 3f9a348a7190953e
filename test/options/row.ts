/** A row of the table: a public function, a call of it that is right, and the kind of each of its options. */
import * as tf from '@tensorflow/tfjs';
import type { Kind, RequiredKind } from './kinds.js';

/** The kinds of all options of an interface: the compiler demands each, and `required` where the interface does. */
export type Kinds<Options> = {
  readonly [Name in keyof Required<Options>]: undefined extends Options[Name] ? Kind : RequiredKind;
};

export interface Row {
  /** As it is exported, with the entry before it where that is not the main one: `geometry/slidingWindow`. */
  readonly name: string;
  /** A call with these options and all other arguments right. */
  readonly call: (options: never, ...more: never[]) => unknown;
  /** Options that make the call right. */
  readonly base: Readonly<Record<string, unknown>>;
  readonly kinds: Readonly<Record<string, Kind>>;
  /** True if null stands for an option that is left out, as in the configurations of saved models. */
  readonly nullIsAbsent: boolean;
  /** True if the call refuses arguments after the last one. */
  readonly refusesMore: boolean;
}

/** The row of a function; `kinds` has every option of the interface that it is given as type argument. */
export function row<Options extends object>(
  name: string,
  call: (options: Options, ...more: never[]) => unknown,
  kinds: Kinds<Options>,
  base: Partial<Options> = {},
): Row {
  return {
    name,
    call,
    base,
    kinds,
    nullIsAbsent: false,
    refusesMore: false,
  };
}

/** A call that checks its options before it looks for a file, `no such …`: that this is missing counts as success. */
export async function beforeFile(call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    if (!String(error).includes('no such')) throw error;
  });
}

/** Words that users know from elsewhere, and slips of the keyboard. */
const UNKNOWN = ['pad', 'stride', 'dilation', 'dilationRate', 'dilations', 'input_shape', 'lr', 'Strides', 'strides '];

/** Names that a parsed file may have, and that plain assignment would give a meaning. */
const INHERITED = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];

/** What callers put in place of options. */
function noOptions(): unknown[] {
  const instance = new (class Options {})();
  return [null, 2, NaN, '', 'same', true, [], [2, 'same'], () => 0, tf.ones([2]), new Map(), new Date(0), instance];
}

/** A value that must be refused: what was done, the name that the error must give, and the options. */
export interface Attempt {
  readonly title: string;
  readonly name: string;
  readonly options: unknown;
}

/** All that a row's function must refuse. */
export function attemptsOf({ base, kinds, nullIsAbsent }: Row): Attempt[] {
  return [
    ...noOptions().map((options) => ({ title: `options = ${brief(options)}`, name: 'options', options })),
    ...namedAttempts(kinds, nullIsAbsent, (own) => ({ ...base, ...own }), []),
  ];
}

function namedAttempts(
  kinds: Readonly<Record<string, Kind>>,
  nullIsAbsent: boolean,
  complete: (own: object) => unknown,
  path: readonly string[],
): Attempt[] {
  const at = (name: string): string => [...path, name].join('.');
  const unknown = UNKNOWN.filter((name) => !Object.hasOwn(kinds, name));
  return [
    ...unknown.map((name) => ({ title: `unknown ${at(name)}`, name: at(name), options: complete({ [name]: 1 }) })),
    ...INHERITED.map((name) => ({
      title: `inherited ${at(name)}`,
      name: at(name),
      options: complete(owning(name, { polluted: true })),
    })),
    ...Object.entries(kinds).flatMap(([name, kind]): Attempt[] => {
      const values = kind.bad().filter((value) => value !== null || !nullIsAbsent || kind.required === true);
      const attempts = values.map((value) => {
        return { title: `${at(name)} = ${brief(value)}`, name: at(name), options: complete({ [name]: value }) };
      });
      if (kind.nested === undefined) return attempts;
      const { nested, base = {} } = kind;
      const inner = namedAttempts(nested, false, (own) => complete({ [name]: { ...base, ...own } }), [...path, name]);
      return [...attempts, ...inner];
    }),
  ];
}

/** An object with a property of its own of this name, as JSON.parse makes it. */
function owning(name: string, value: unknown): object {
  return JSON.parse(JSON.stringify({ [`x${name}`]: value }).replace(`"x${name}"`, `"${name}"`)) as object;
}

/** What is wrong with the answer to an attempt; undefined where it was refused as it must be. */
export async function faultOf(call: () => unknown, name: string): Promise<string | undefined> {
  const before = tf.memory().numTensors;
  let answer: unknown;
  try {
    const result = await call();
    answer = result;
  } catch (error) {
    return (
      refusalFault(error, name) ?? (tf.memory().numTensors > before ? 'refused, and tensors left behind' : undefined)
    );
  }
  dispose(answer);
  return 'accepted';
}

/** Fault of an error of a refusal, which must name an option, if `name` is given; undefined if it is right. */
export function refusalFault(error: unknown, name?: string): string | undefined {
  // Errors of the engine itself belong to the world of the test, those of the package to the one outside.
  const { message, name: type } = error as Error;
  const form = /^Cannot [^\n]+: [^\n]+, received (?<name>.+?) = [^\n]*$/u.exec(message);
  if (form === null) return `raw ${type}: ${message.slice(0, 120)}`;
  if (!(error instanceof TypeError || error instanceof RangeError)) return `${type} instead of TypeError`;
  if (message.length > 1500) return `a message of ${message.length} characters`;
  if (name === undefined) return undefined;
  const given = form.groups!.name!;
  const last = name.slice(name.lastIndexOf('.') + 1);
  const isNamed = given === name || given === last || given.startsWith(`${name}.`) || given.startsWith(`${name}[`);
  return isNamed ? undefined : `named ${given}: ${message.slice(0, 160)}`;
}

function dispose(answer: unknown): void {
  if (answer instanceof tf.Tensor) answer.dispose();
  else if (answer instanceof tf.LayersModel) answer.dispose();
}

export function brief(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(brief).join(', ')}]`;
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) {
    const { constructor } = value as { constructor?: unknown };
    const plain = constructor === Object || typeof constructor !== 'function';
    return plain ? JSON.stringify(value) : `a ${(constructor as { name: string }).name}`;
  }
  return typeof value === 'bigint' ? `${value}n` : String(value);
}
