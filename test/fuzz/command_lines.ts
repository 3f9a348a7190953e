/**
 * Command lines with the mistakes of people and scripts: arguments lost, doubled, swapped, misspelt and of the wrong
 * type. Each is parsed; those that would not train or build a network are also run, in this process. Status 2 must be a
 * wrong command line, 1 a failure, 0 help; both failures have one line on stderr, and nothing on stdout.
 */
import fs from 'node:fs';
import os from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { isPlainObject } from '../../src/errors.js';
import { reportError } from '../../src/cli/exit_status.js';
import { BACKEND_NAMES, findModelName, MODEL_NAMES, SEGMENTER_NAMES, TASK_NAMES } from '../../src/cli/model_names.js';
import { RESULT_FORMATS } from '../../src/cli/predict_results.js';
import { createProgram, runProgram } from '../../src/cli/program.js';
import { CACHES } from '../../src/training/caches.js';
import { FITS } from '../../src/training/fits.js';
import { LOSS_NAMES, OPTIMIZER_NAMES, SCHEDULE_NAMES } from '../../src/cli/recipe_options.js';
import { MEMORY_USES } from '../../src/recompute/memory_use.js';
import { WEIGHT_TYPES } from '../../src/training/weight_types.js';
import type { Random } from '../support/random.js';
import { BrokenRule, pick, Refused, type Prepare } from './kind.js';

/** Valid values of an option, and the test that any parsed value must pass. */
interface Values {
  readonly words: readonly string[];
  readonly holds: (value: unknown) => boolean;
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '' && !value.startsWith('-');
const texts = (...words: readonly string[]): Values => ({ words, holds: isText });
const names = (words: readonly string[]): Values => ({ words, holds: (value) => words.includes(value as string) });
const integers = (low: number, high: number): Values => ({
  words: [low, high, Math.floor((low + high) / 2)].map(String),
  holds: (value) => Number.isInteger(value) && (value as number) >= low && (value as number) <= high,
});
const numbers = (high: number): Values => ({
  words: [String(high), '0.5', '1e-3', '.25'],
  holds: (value) => typeof value === 'number' && value > 0 && value <= high,
});

const fractions: Values = {
  words: ['0', '0.5', '1e-3', '.25'],
  holds: (value) => typeof value === 'number' && value >= 0 && value < 1,
};

const isName = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isList = (value: unknown, holds: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(holds);

const lists = (...words: readonly string[]): Values => ({ words, holds: (value) => isList(value, Number.isFinite) });
const pairs = (...words: readonly string[]): Values => ({
  words,
  holds: (value) => isList(value, Number.isFinite) && (value as unknown[]).length === 2,
});

const VALUES: Readonly<Record<string, Values>> = {
  '--task': names(TASK_NAMES),
  '--data': texts('scenes', 'mnist', 'nowhere', './photos', 'Fotos für mich'),
  '--limit': integers(1, 2 ** 32 - 1),
  '--model': names([...MODEL_NAMES, ...SEGMENTER_NAMES]),
  '--from': texts('emoji', 'emoji-mobileNetV2', 'runs/x', 'nowhere/trained.keras', 'ナイン'),
  '--freeze': {
    words: ['all', 'none', '3', 'block_2_expand'],
    holds: (value) => isText(value) || (Number.isInteger(value) && (value as number) > 0),
  },
  '--unfreeze-after': integers(1, 1e6),
  '--unfreeze-rate': numbers(1),
  '--alpha': numbers(4),
  '--deformable': integers(0, 34),
  '--size': integers(8, 4096),
  '--downsampling': integers(0, 5),
  '--epochs': integers(1, 1e6),
  '--batch': integers(1, 65536),
  '--learning-rate': numbers(1),
  '--augment': texts('flip', 'flip=both,rotate=10', 'zoom=.5,mixup=0.2'),
  '--preview': texts('seen.png', 'a/b.png'),
  '--optimizer': names(OPTIMIZER_NAMES),
  '--momentum': fractions,
  '--weight-decay': numbers(1),
  '--clip': numbers(1e6),
  '--ema': fractions,
  '--accumulate': integers(1, 1e6),
  '--offset-rate': numbers(100),
  '--schedule': names(SCHEDULE_NAMES),
  '--warm-up': numbers(1e6),
  '--plateau': integers(1, 1e6),
  '--loss': names(LOSS_NAMES),
  '--label-smoothing': fractions,
  '--early-stopping': integers(1, 1e6),
  '--seconds': numbers(1e7),
  '--seed': integers(0, 2 ** 32 - 1),
  '--backend': names(BACKEND_NAMES),
  '--fit': names(FITS),
  '--background': {
    words: ['white', 'black', '#12aBfF'],
    holds: (value) =>
      isList(value, (part) => Number.isInteger(part) && (part as number) >= 0 && (part as number) <= 255),
  },
  '--range': pairs('-1,1', '0,1', '-.5,255'),
  '--mean': lists('0.5', '0.485,0.456,0.406'),
  '--std': lists('1', '0.229,0.224,0.225'),
  '--cache': names(CACHES),
  '--threads': integers(1, Math.min(os.availableParallelism(), 64)),
  '--memory': names(MEMORY_USES),
  '--out': texts('there', 'a/b/c', '猫'),
  '--top': integers(1, 65536),
  '--threshold': { words: ['0', '1', '0.5'], holds: (value) => (value as number) >= 0 && (value as number) <= 1 },
  '--format': names(RESULT_FORMATS),
  '--channels': integers(1, 4),
  '--classes': integers(2, 65536),
  '--image': texts('cat.jpg', 'nowhere/cat.png'),
  'convert --deformable': names(['native', 'decomposed']),
  '--layout': names(['nhwc', 'nchw']),
  '--weights': names(WEIGHT_TYPES),
  '--input-shape': {
    words: ['any,any,3', '32,32,3', '5', '1,2,3,4'],
    holds: (value) => isList(value, (size) => size === null || (Number.isInteger(size) && (size as number) > 0)),
  },
  '--class-names': { words: ['cat,dog', '猫', 'a b, c'], holds: (value) => isList(value, isName) },
  '--preprocessing': pairs('1,0', '0.0078,-1', '1e-3,.5'),
  '--metadata': {
    words: ['author=me', 'a=b=c', 'empty='],
    holds: (value) => isPlainObject(value) && Object.values(value).every((text) => typeof text === 'string'),
  },
};

/** Values of an option, whose meaning may depend on the command. */
const valuesOf = (command: string, long: string): Values | undefined =>
  [`${command} ${long}`, long].filter((key) => Object.hasOwn(VALUES, key)).map((key) => VALUES[key]!)[0];

const LONG = 5000;

/** Arguments in place of the expected ones. */
const STRANGE = [
  '', ' ', 'NaN', 'Infinity', '-Infinity', '-1', '-0', '0', '1.5', '1,5', '1e999', '1e-999', '0x10', '1_000', '9007199254740993',
  '9'.repeat(400), 'x'.repeat(LONG), '/x'.repeat(LONG), `--${'y'.repeat(LONG)}`, '__proto__', 'constructor', 'toString',
  '--__proto__', '--__proto__=1', '--constructor', '--constructor.prototype=1', '--hasOwnProperty=', '--', '-', '---', '--=', '=',
  '-x', '-h', '-V', '--help', '--version', 'help', 'train', 'evaluate', 'predict', 'analyze', 'convert', '--no-', '--no-seed', '--no-plots', '--resume',
  '--overwrite', '--json', '--out', '--data', '--image', '--seed=', '--Seed=1', '٣', '１２', 'e\u0301', '🙂', '\u202e3', '\ud800',
  'a\nb', '\r', '\t', '\u001b[31m3', '\u2028', '../../secret', '/dev/zero', '/dev/null', '/', '.', '..', '~', 'null', 'undefined',
  'true', '{}', '[1]', '$(x)', '%s', '%d%n', "'", '"', '\\', '*', 'mnist', 'mobilenet_v2',
] as const; // prettier-ignore

/** Arguments after the program's name. */
type Words = readonly string[];

type Parsed =
  | { readonly is: 'valid'; readonly command: string; readonly args: readonly unknown[]; readonly options: Options }
  | { readonly is: 'help' | 'wrong' };

type Options = Readonly<Record<string, unknown>>;

/** Parses the arguments without running a command. */
async function parse(words: Words): Promise<Parsed> {
  const program = createProgram('0.0.0', () => undefined);
  let parsed: Parsed = { is: 'wrong' };
  for (const command of program.commands) {
    command.action(() => {
      parsed = { is: 'valid', command: command.name(), args: command.processedArgs, options: command.opts() };
    });
  }
  try {
    await program.parseAsync(['node', 'tfjs-convolutions', ...words]);
  } catch (error) {
    return { is: reportError(error) === 0 ? 'help' : 'wrong' };
  }
  return parsed;
}

/** Captures standard output and standard error while something runs. */
async function listen<T>(
  run: () => Promise<T>,
): Promise<{ readonly result: T; readonly stdout: string; readonly stderr: string }> {
  const said = { stdout: '', stderr: '' };
  const streams = ['stdout', 'stderr'] as const;
  for (const name of streams) {
    process[name].write = (text: string | Uint8Array) => {
      said[name] += String(text);
      return true;
    };
  }
  try {
    return { result: await run(), ...said };
  } finally {
    // Makes the prototype's method visible again.
    for (const name of streams) Reflect.deleteProperty(process[name], 'write');
  }
}

/** Tests whether a command must fail before it trains or builds a network. */
function mustFail({ command, args, options }: Extract<Parsed, { is: 'valid' }>): boolean {
  if (command === 'convert' || command === 'predict') return true;
  if (command !== 'train') return findModelName(String(args[0])) === undefined;
  // Not statSync(), which throws if a name is too long.
  const isFolder = fs.existsSync(String(options['data']));
  const isBuiltIn = ['scenes', 'mnist', undefined].includes(options['data'] as string | undefined);
  return options['resume'] === true || (!isBuiltIn && !isFolder);
}

/** Fails unless there is one line on stderr and nothing else. */
function checkFailure(status: number, stdout: string, stderr: string): void {
  const isLine = /^error: [^\p{Cc}\u2028\u2029]{1,900}\n$/u.test(stderr);
  if (!isLine || stdout !== '') {
    throw new BrokenRule(`ends with status ${status} and says ${JSON.stringify({ stderr, stdout }).slice(0, 400)}`);
  }
  const isUsage = !stderr.startsWith('error: Cannot ');
  if (status !== (isUsage ? 2 : 1)) throw new BrokenRule(`ends with status ${status}: ${stderr}`);
}

function checkOptions(command: string, options: Options, known: readonly string[]): void {
  for (const [name, value] of Object.entries(options)) {
    const long = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (!known.includes(name)) throw new BrokenRule(`takes the unknown option ${name}`);
    const holds = valuesOf(command, long)?.holds(value) ?? typeof value === 'boolean';
    if (value !== undefined && !holds) throw new BrokenRule(`takes ${long} = ${JSON.stringify(value)}`);
  }
}

async function check(words: Words, undamaged: Words): Promise<string> {
  const { result: parsed, stderr: parserLine } = await listen(() => parse(words));
  if (parsed.is === 'valid') {
    const command = createProgram('0.0.0', () => undefined).commands.find((one) => one.name() === parsed.command)!;
    checkOptions(parsed.command, parsed.options, command.options.map((option) => option.attributeName())); // prettier-ignore
    if (parserLine !== '') throw new BrokenRule(`is taken, and says ${parserLine}`);
  }
  if (parsed.is === 'valid' && !mustFail(parsed)) {
    const { result: want } = await listen(() => parse(undamaged));
    return isDeepStrictEqual(parsed, want) ? SAME : JSON.stringify(parsed);
  }
  const {
    result: status,
    stdout,
    stderr,
  } = await listen(() => runProgram(['node', 'tfjs-convolutions', ...words], '0.0.0'));
  if (parsed.is === 'help') {
    if (status !== 0 || stderr !== '' || stdout === '') throw new BrokenRule(`prints no help, but ${stderr}`);
    return isDeepStrictEqual(words, undamaged) ? SAME : 'help';
  }
  checkFailure(status, stdout, stderr);
  if (parsed.is === 'wrong' && status !== 2) throw new BrokenRule(`is wrong and ends with status ${status}: ${stderr}`);
  throw new Refused(stderr);
}

/** Result of a command line that is equivalent to the undamaged one. */
const SAME = 'same';

/** One kind for the fuzzer. */
export const commandLines: Prepare = (folder) => {
  // Commands may write files.
  process.chdir(folder);
  const commands = createProgram('0.0.0', () => undefined).commands.map((command) => ({
    name: command.name(),
    takes: command.registeredArguments.length,
    options: command.options.map(({ long, required }) => {
      const words = required ? valuesOf(command.name(), long ?? '')?.words : [];
      if (words === undefined) throw new Error(`The fuzzer needs right values of the option '${long}'`);
      return { long: long ?? '', required, words };
    }),
  }));
  const right = (random: Random): Words => {
    const { name, takes, options } = pick(random, commands);
    const line = options
      .filter(() => random.integer(0, 2) === 0)
      .map(({ long, required, words: valid }) => [long, ...(required ? [pick(random, valid)] : [])])
      .map((pair) => (random.integer(0, 2) === 0 ? [pair.join('=')] : pair));
    const given = [pick(random, ['nowhere', 'runs/x', ...MODEL_NAMES]), 'there.onnx'].slice(0, takes);
    line.splice(random.integer(0, line.length), 0, given);
    return [name, ...line.flat()];
  };
  let [words, undamaged]: [Words, Words] = [['--help'], ['--help']];
  return Promise.resolve({
    damage: (random) => {
      words = undamaged = right(random);
      const other = pick(
        random,
        commands.flatMap(({ options }) => options),
      );
      const word = other.required ? `${other.long}=${pick(random, other.words)}` : other.long;
      for (let count = pick(random, [1, 1, 2, 3]); count > 0; count--) words = damageOnce(words, word, random);
      return { bytes: words.join(' ').length };
    },
    load: () => check(words, undamaged),
    isPromised: false,
  });
};

function damageOnce(words: Words, option: string, random: Random): Words {
  const at = random.integer(0, Math.max(0, words.length - 1));
  const word = words[at] ?? '';
  const letter = random.integer(0, word.length);
  const replaced = (...others: Words): Words => [...words.slice(0, at), ...others, ...words.slice(at + 1)];
  const other = pick(random, words.length > 0 ? words : ['']);
  const strange = pick(random, STRANGE);
  switch (random.integer(0, 13)) {
    case 0:
      return replaced();
    case 1:
      return replaced(word, word);
    case 2: {
      const swapped = [...words];
      const to = random.integer(0, Math.max(0, words.length - 1));
      [swapped[at], swapped[to]] = [words[to] ?? '', word];
      return swapped;
    }
    case 3:
      return replaced(strange);
    case 4:
      return replaced(word, strange);
    case 5:
      return replaced(word.slice(0, letter));
    case 6:
      return replaced(word.slice(0, letter) + pick(random, ['-', '=', 'x', ' ', 'A', 'é', '\n']) + word.slice(letter));
    case 7:
      return replaced(word.slice(0, letter), word.slice(letter));
    case 8:
      return replaced(`${word.split('=')[0]!}=${strange}`);
    case 9:
      return replaced(
        random.integer(0, 1) === 0 ? word.toUpperCase() : word.replace(/^--/, pick(random, ['-', '—', '---', '--no-'])),
      );
    case 10:
      return replaced(word + other);
    case 11:
      return replaced(word, option);
    case 12:
      return replaced(option);
    default:
      return replaced(word, other);
  }
}
