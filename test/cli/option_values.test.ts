/** Every option of every command with every kind of invalid value: one line, status 2, before anything is done. */
import type { Command, Option } from 'commander';
import { createProgram, runProgram } from '../../src/cli/program.js';

/** Values that no numeric option accepts. */
const NOT_NUMBERS = [
  '',
  ' ',
  'many',
  'NaN',
  'Infinity',
  '-Infinity',
  '1e999',
  '0x10',
  '1,5',
  '1_000',
  '٣',
  'null',
  '[1]',
  '1 2',
  '--',
];
const NOT_COUNTS = [...NOT_NUMBERS, '-1', '1.5', '1e-3', '9007199254740993', '1e300', '99999999999'];
/** An option whose value was forgotten would take the next one for it. */
const NOT_TEXTS = ['', '--resume', '-x', '--', '--seed=1'];
const NOT_NAMES = ['', 'nobody', 'constructor', '__proto__', 'WASM', '1'];
const NOT_FRACTIONS = [...NOT_NUMBERS, '-0.1', '1', '1.1'];
const NOT_LISTS = ['', ' ', ',', 'a,', ',b', 'a,,b'];
const NOT_PAIRS = [...NOT_NUMBERS.filter((text) => text !== '1,5'), '1', '1,', ',1', '1,2,3', '1;2', '1,x', '1,1e39'];
const NOT_NUMBER_LISTS = ['', ' ', 'x', '1,', ',1', '1,,2', '1;2', '1,NaN', '1,1e39', '0x10'];
const NOT_COLOURS = ['', 'blue', '#fff', '#12345', '#1234567', '#gggggg', 'ffffff', '0', '__proto__'];

/** Options of `train` and `evaluate` that choose a preprocessing. */
const preprocessing = (command: string): Record<string, readonly string[]> => ({
  [`${command} --fit`]: NOT_NAMES,
  [`${command} --background`]: NOT_COLOURS,
  [`${command} --range`]: NOT_PAIRS,
  [`${command} --mean`]: NOT_NUMBER_LISTS,
  [`${command} --std`]: NOT_NUMBER_LISTS,
});

/** Invalid values of each option of each command. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  'train --task': NOT_NAMES,
  'train --data': NOT_TEXTS,
  'train --limit': [...NOT_COUNTS, '0'],
  'train --model': NOT_NAMES,
  'train --alpha': [...NOT_NUMBERS, '0', '-1', '5', '1e300'],
  'train --deformable': [...NOT_COUNTS, '35'],
  'train --size': [...NOT_COUNTS, '0', '7', '4097'],
  'train --downsampling': [...NOT_COUNTS, '6'],
  'train --epochs': [...NOT_COUNTS, '0', '1000001'],
  'train --batch': [...NOT_COUNTS, '0', '65537'],
  'train --learning-rate': [...NOT_NUMBERS, '0', '-0.1', '1.1', '1e300'],
  'train --seed': [...NOT_COUNTS, '4294967296'],
  'train --backend': NOT_NAMES,
  'train --memory': NOT_NAMES,
  'train --out': NOT_TEXTS,
  'train --threads': [...NOT_COUNTS, '0', '4097'],
  'train --cache': NOT_NAMES,
  'train --from': NOT_TEXTS,
  'train --freeze': [...NOT_TEXTS, '0', '1.5', '1x'],
  'train --unfreeze-after': [...NOT_COUNTS, '0', '1000001'],
  'train --unfreeze-rate': [...NOT_NUMBERS, '0', '-1', '1.1'],
  'train --weights': NOT_NAMES,
  'train --optimizer': NOT_NAMES,
  'train --momentum': NOT_FRACTIONS,
  'train --weight-decay': [...NOT_NUMBERS, '0', '-0.1', '1.1'],
  'train --clip': [...NOT_NUMBERS, '0', '-1', '1e300'],
  'train --ema': NOT_FRACTIONS,
  'train --accumulate': [...NOT_COUNTS, '0', '1000001'],
  'train --offset-rate': [...NOT_NUMBERS, '0', '-1', '101'],
  'train --schedule': NOT_NAMES,
  'train --warm-up': [...NOT_NUMBERS, '0', '-1', '1000001'],
  'train --plateau': [...NOT_COUNTS, '0', '1000001'],
  'train --loss': NOT_NAMES,
  'train --label-smoothing': NOT_FRACTIONS,
  'train --augment': [
    '',
    ' ',
    'nothing',
    'flip,flip',
    'flip=yes',
    'rotate',
    'rotate=x',
    'zoom=-1',
    'rotate=1=2',
    '__proto__=1',
  ],
  'train --preview': NOT_TEXTS,
  'train --early-stopping': [...NOT_COUNTS, '0', '1000001'],
  'train --seconds': [...NOT_NUMBERS, '0', '-1', '1e300'],
  ...preprocessing('train'),
  ...preprocessing('evaluate'),
  'evaluate --data': NOT_TEXTS,
  'evaluate --batch': [...NOT_COUNTS, '0', '65537'],
  'evaluate --seed': [...NOT_COUNTS, '4294967296'],
  'evaluate --backend': NOT_NAMES,
  'evaluate --threads': [...NOT_COUNTS, '0', '4097'],
  'evaluate --threshold': [...NOT_NUMBERS, '-0.1', '1.1'],
  'evaluate --out': NOT_TEXTS,
  'predict --top': [...NOT_COUNTS, '0', '65537'],
  'predict --threshold': [...NOT_NUMBERS, '-0.1', '1.1'],
  'predict --format': NOT_NAMES,
  'predict --out': NOT_TEXTS,
  'predict --size': [...NOT_COUNTS, '0', '7', '4097'],
  'predict --class-names': NOT_LISTS,
  'predict --preprocessing': NOT_PAIRS,
  'predict --batch': [...NOT_COUNTS, '0', '65537'],
  'predict --backend': NOT_NAMES,
  'predict --threads': [...NOT_COUNTS, '0', '4097'],
  'convert --deformable': NOT_NAMES,
  'convert --layout': NOT_NAMES,
  'convert --input-shape': ['', ' ', 'x', '0,0,3', '-1,2,3', '1.5', '1,,3', 'any,', '1e300', '9007199254740993'],
  'convert --weights': NOT_NAMES,
  'convert --class-names': NOT_LISTS,
  'convert --preprocessing': NOT_PAIRS,
  'convert --metadata': ['', ' ', 'text', '=text', '='],
  'analyze --alpha': [...NOT_NUMBERS, '0', '-1', '5', '1e300'],
  'analyze --deformable': [...NOT_COUNTS, '35'],
  'analyze --size': [...NOT_COUNTS, '0', '7', '4097'],
  'analyze --downsampling': [...NOT_COUNTS, '6'],
  'analyze --channels': [...NOT_COUNTS, '0', '5'],
  'analyze --classes': [...NOT_COUNTS, '0', '1', '65537'],
  'analyze --image': NOT_TEXTS,
  'analyze --out': NOT_TEXTS,
  'analyze --threads': [...NOT_COUNTS, '0', '4097'],
};

/** Options that take no value. */
const FLAGS = [
  'train --no-augmentation',
  'train --resume',
  'train --overwrite',
  'train --no-plots',
  'train --live',
  'train --skip-broken',
  'train --class-weights',
  'train --keep-best',
  'evaluate --skip-broken',
  'predict --skip-broken',
  'convert --no-nan-guard',
  'convert --fold-batch-normalization',
  'convert --external-data',
  'analyze --json',
  'analyze --no-plots',
];

const program = createProgram('0.0.0', () => undefined);
const listed = program.commands.flatMap((command) =>
  command.options.map((option) => ({ title: `${command.name()} ${option.long!}`, command, option })),
);
const takesValue = ({ option }: { readonly option: Option }): boolean => option.required || option.optional;

test('the table covers every option of the program', () => {
  const titles = (options: typeof listed): string[] => options.map(({ title }) => title).sort();
  expect(titles(listed.filter(takesValue))).toEqual(Object.keys(OPTIONS).sort());
  expect(titles(listed.filter((one) => !takesValue(one)))).toEqual([...FLAGS].sort());
});

/** Runs a command line and returns its status and what it prints on stderr. */
async function run(words: readonly string[]): Promise<{ readonly status: number; readonly stderr: string }> {
  let stderr = '';
  const write = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
  try {
    return { status: await runProgram(['node', 'tfjs-convolutions', ...words], '0.0.0'), stderr };
  } finally {
    write.mockRestore();
  }
}

/** Required arguments of a command. */
const argumentsOf = (command: Command): string[] => command.registeredArguments.map(() => 'nowhere');

test.each(listed.filter(takesValue))(
  '$title refuses invalid values and a missing value',
  async ({ title, command, option }) => {
    for (const value of OPTIONS[title] ?? []) {
      // With `=` a value may look like an option.
      const { status, stderr } = await run([command.name(), ...argumentsOf(command), `${option.long!}=${value}`]);
      expect({ value, stderr, status }).toEqual({
        value,
        stderr: expect.stringMatching(/^error: [^\n]*\n$/) as string,
        status: 2,
      });
      expect(stderr).toContain(option.long!);
    }
    const { status, stderr } = await run([command.name(), ...argumentsOf(command), option.long!]);
    expect(stderr).toMatch(/^error: option '[^\n]*' argument missing\n$/);
    expect(status).toBe(2);
  },
);

test.each(listed.filter((one) => !takesValue(one)))('$title takes no value', async ({ command, option }) => {
  const { status, stderr } = await run([command.name(), ...argumentsOf(command), `${option.long!}=yes`]);
  expect(stderr).toMatch(/^error: unknown option [^\n]*\n$/);
  expect(status).toBe(2);
});

test.each(program.commands.map((command) => [command.name(), command] as const))(
  '%s refuses unknown options, and excess or missing arguments',
  async (name, { registeredArguments }) => {
    const wrongCount = registeredArguments.some(({ variadic }) => variadic) ? ['a'] : ['a', 'b', 'c'];
    for (const words of [['--nobody'], ['--nobody=1'], ['-x'], ['--__proto__=1'], wrongCount]) {
      const { status, stderr } = await run([name, ...words]);
      expect({ words, stderr }).toEqual({ words, stderr: expect.stringMatching(/^error: [^\n]*\n$/) as string });
      expect(status).toBe(2);
    }
  },
);

test.each([[['help', 'nobody']], [['--']]])('%j is refused for lack of a command', async (words) => {
  const { status, stderr } = await run(words);
  expect(stderr).toMatch(/^error: a command must be given[^\n]*\n$/);
  expect(status).toBe(2);
});

test.each(['a\rb', '\u001b[31mred', 'a\u2028b', 'x'.repeat(100_000)])(
  'an argument with control characters or of extreme length is quoted on one readable line (case %#)',
  async (word) => {
    for (const words of [[word], ['train', `--seed=${word}`], ['train', `--${word}`], ['train', word]]) {
      const { status, stderr } = await run(words);
      expect(stderr).toMatch(/^error: [^\p{Cc}\u2028\u2029]{1,900}\n$/u);
      expect(status).toBe(2);
    }
    const { stderr } = await run(['train', `--seed=${word}`]);
    expect(stderr).toContain('It must be an integer from 0 to 4294967295.');
  },
);

test.each([
  ['erase', 'erase must have a number of at least 0, such as erase=0.2.'],
  ['rotate=-5', 'rotate must have a number of at least 0, such as rotate=10.'],
  ['rand=2', 'rand must have two numbers, such as rand=2:9.'],
])('train --augment %s says what it needs', async (value, message) => {
  const { stderr } = await run(['train', '--augment', value]);
  expect(stderr).toContain(message);
});
