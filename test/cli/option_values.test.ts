/** Every option of every command with every kind of wrong value: one line, status 2, before anything is done. */
import type { Command, Option } from 'commander';
import { createProgram, runProgram } from '../../src/cli/program.js';

/** Words that are no number of any option. */
const NO_NUMBERS = [
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
const NO_COUNTS = [...NO_NUMBERS, '-1', '1.5', '1e-3', '9007199254740993', '1e300', '99999999999'];
/** An option whose value was forgotten would take the next one for it. */
const NO_TEXTS = ['', '--resume', '-x', '--', '--seed=1'];
const NO_NAMES = ['', 'nobody', 'constructor', '__proto__', 'WASM', '1'];

/** What an option takes, and wrong values of it; each option of each command has a row. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  'train --data': NO_TEXTS,
  'train --limit': [...NO_COUNTS, '0'],
  'train --model': NO_NAMES,
  'train --alpha': [...NO_NUMBERS, '0', '-1', '5', '1e300'],
  'train --deformable': [...NO_COUNTS, '35'],
  'train --size': [...NO_COUNTS, '0', '7', '4097'],
  'train --downsampling': [...NO_COUNTS, '6'],
  'train --epochs': [...NO_COUNTS, '0', '1000001'],
  'train --batch': [...NO_COUNTS, '0', '65537'],
  'train --learning-rate': [...NO_NUMBERS, '0', '-0.1', '1.1', '1e300'],
  'train --seed': [...NO_COUNTS, '4294967296'],
  'train --backend': NO_NAMES,
  'train --out': NO_TEXTS,
  'evaluate --data': NO_TEXTS,
  'evaluate --batch': [...NO_COUNTS, '0', '65537'],
  'evaluate --seed': [...NO_COUNTS, '4294967296'],
  'evaluate --backend': NO_NAMES,
  'analyze --alpha': [...NO_NUMBERS, '0', '-1', '5', '1e300'],
  'analyze --deformable': [...NO_COUNTS, '35'],
  'analyze --size': [...NO_COUNTS, '0', '7', '4097'],
  'analyze --downsampling': [...NO_COUNTS, '6'],
  'analyze --channels': [...NO_COUNTS, '0', '5'],
  'analyze --classes': [...NO_COUNTS, '0', '1', '65537'],
  'analyze --image': NO_TEXTS,
  'analyze --out': NO_TEXTS,
};

/** Options that take no value. */
const FLAGS = [
  'train --no-augmentation',
  'train --resume',
  'train --overwrite',
  'train --no-plots',
  'analyze --json',
  'analyze --no-plots',
];

const program = createProgram('0.0.0', () => undefined);
const listed = program.commands.flatMap((command) =>
  command.options.map((option) => ({ title: `${command.name()} ${option.long!}`, command, option })),
);
const takesValue = ({ option }: { readonly option: Option }): boolean => option.required || option.optional;

test('the table has every option that the program knows', () => {
  const titles = (options: typeof listed): string[] => options.map(({ title }) => title).sort();
  expect(titles(listed.filter(takesValue))).toEqual(Object.keys(OPTIONS).sort());
  expect(titles(listed.filter((one) => !takesValue(one)))).toEqual([...FLAGS].sort());
});

/** What the program prints on stderr for a command line, and its status. */
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

/** The model that a command must be given. */
const argumentsOf = (command: Command): string[] => command.registeredArguments.map(() => 'nowhere');

test.each(listed.filter(takesValue))(
  '$title refuses wrong values and the lack of one',
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

test.each(program.commands.map((command) => command.name()))(
  '%s refuses unknown options and words too many',
  async (name) => {
    for (const words of [['--nobody'], ['--nobody=1'], ['-x'], ['--__proto__=1'], ['a', 'b', 'c']]) {
      const { status, stderr } = await run([name, ...words]);
      expect({ words, stderr }).toEqual({ words, stderr: expect.stringMatching(/^error: [^\n]*\n$/) as string });
      expect(status).toBe(2);
    }
  },
);

test.each([[['help', 'nobody']], [['--']]])('%j names no command', async (words) => {
  const { status, stderr } = await run(words);
  expect(stderr).toMatch(/^error: a command must be given[^\n]*\n$/);
  expect(status).toBe(2);
});

test.each(['a\rb', '\u001b[31mred', 'a\u2028b', 'x'.repeat(100_000)])(
  'a strange word is repeated on one line that can be read (case %#)',
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
