/** The conformance runner itself: what it accepts, what it calls a failure, and what its command prints. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { runDirectory, summary, type Report } from './runner.js';

const ROOT = path.resolve(__dirname, '../..');

/** y = 2·x − 1 at one pixel, with all its gradients. */
const GOOD = {
  name: 'good',
  op: 'conv2d',
  attributes: {
    strides: [1, 1],
    padding: [
      [0, 0],
      [0, 0],
    ],
  },
  inputs: {
    x: { shape: [1, 1, 2, 1], data: [3, 4] },
    filter: { shape: [1, 1, 1, 1], data: [2] },
    bias: { shape: [1], data: [-1] },
  },
  cotangent: { shape: [1, 1, 2, 1], data: [1, 10] },
  expected: {
    y: { shape: [1, 1, 2, 1], data: [5, 7] },
    d_x: { shape: [1, 1, 2, 1], data: [2, 20] },
    d_filter: { shape: [1, 1, 1, 1], data: [43] },
    d_bias: { shape: [1], data: [11] },
  },
};

const HEADER = { source: 'a test', commit: 'none', license: 'Apache-2.0' };

let directory: string;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'conformance-'));
});

afterEach(() => {
  fs.rmSync(directory, { recursive: true });
});

function write(name: string, content: unknown): void {
  fs.writeFileSync(path.join(directory, name), typeof content === 'string' ? content : JSON.stringify(content));
}

async function runCases(...cases: unknown[]): Promise<Report> {
  write('file.json', { ...HEADER, cases });
  return runDirectory(directory);
}

const withExpected = (expected: object): object => ({ ...GOOD, expected: { ...GOOD.expected, ...expected } });

describe('runDirectory()', () => {
  test('passes a case that holds, in value and gradients', async () => {
    expect(await runCases(GOOD)).toEqual({ passed: 1, skipped: 0, failures: [] });
  });

  test("takes 'ones' for a cotangent, and gradients without y", async () => {
    const expected = { d_filter: { shape: [1, 1, 1, 1], data: [7] } };
    expect(await runCases({ ...GOOD, cotangent: 'ones', expected })).toEqual({ passed: 1, skipped: 0, failures: [] });
  });

  test.each([
    ['a value', withExpected({ y: { shape: [1, 1, 2, 1], data: [5, 7.01] } }), 'y[0, 0, 1, 0] got 7, want 7.01'],
    ['a gradient', withExpected({ d_bias: { shape: [1], data: [12] } }), 'd_bias[0] got 11, want 12'],
    [
      'a shape',
      withExpected({ y: { shape: [1, 2, 1, 1], data: [5, 7] } }),
      'y has shape [1, 1, 2, 1], want [1, 2, 1, 1]',
    ],
    [
      'two tensors',
      withExpected({ y: { shape: [1, 1, 2, 1], data: [5.5, 9] }, d_bias: { shape: [1], data: [12] } }),
      'y[0, 0, 1, 0] got 7, want 9; d_bias[0] got 11, want 12',
    ],
  ])('fails a case where %s differs, and names the worst element', async (_, golden, message) => {
    expect(await runCases(GOOD, golden)).toEqual({ passed: 1, skipped: 0, failures: [`file.json: good: ${message}`] });
  });

  test('holds values to 1e-4 of themselves and 1e-4, or to the tolerance of the case', async () => {
    const off = (by: number): object => withExpected({ d_filter: { shape: [1, 1, 1, 1], data: [43 + by] } });
    expect((await runCases(off(0.004))).passed).toBe(1);
    expect((await runCases(off(0.005))).failures).toHaveLength(1);
    expect((await runCases({ ...off(0.005), atol: 0.001 })).passed).toBe(1);
  });

  test('fails an operator that it does not know', async () => {
    expect((await runCases({ ...GOOD, op: 'conv4d' })).failures).toEqual([
      'file.json: good: op must be a known operator, received "conv4d"',
    ]);
  });

  test('skips and counts an operator that the package does not have, or not on this backend', async () => {
    write('file.json', { ...HEADER, cases: [GOOD, { ...GOOD, op: 'depthwise_conv2d' }] });
    const { depthwiseConv2d, UnsupportedBackendError } = conv;
    expect(await runDirectory(directory, { library: { depthwiseConv2d } })).toEqual({
      passed: 1,
      skipped: 1,
      failures: [],
    });
    const refuse = (): never => {
      throw new UnsupportedBackendError('run conv2d', 'cpu', 'it is not there');
    };
    const report = await runDirectory(directory, { library: { depthwiseConv2d, conv2d: refuse } });
    expect(report).toEqual({ passed: 1, skipped: 1, failures: [] });
    expect(summary(report)).toBe('1 passed, 0 failed, 1 skipped');
  });

  test.each([
    ['an unknown attribute', { ...GOOD, attributes: { stride: 2 } }, 'the attributes must be among'],
    ['an unknown input', { ...GOOD, inputs: { ...GOOD.inputs, mask: GOOD.inputs.bias } }, 'the inputs must be among'],
    ['a missing input', { ...GOOD, inputs: { x: GOOD.inputs.x } }, 'inputs.filter must be there'],
    ['an unknown field', { ...GOOD, tolerance: 1 }, 'the fields of a case must be among'],
    ['no cotangent', { ...GOOD, cotangent: undefined }, 'gradients need a cotangent'],
    ['nothing expected', { ...GOOD, expected: {} }, 'expected must hold at least one tensor'],
    ['a gradient of nothing', withExpected({ d_mask: GOOD.inputs.bias }), 'the expected tensors must be among'],
    ['too few numbers', withExpected({ d_bias: { shape: [2], data: [11] } }), 'must hold 2 numbers'],
    [
      'words for numbers',
      withExpected({ d_bias: { shape: [1], data: ['11'] } }),
      'expected.d_bias.data must hold numbers',
    ],
    ['a negative tolerance', { ...GOOD, atol: -1 }, 'atol must be a number of at least 0'],
    ['no object', 7, 'a case must be an object'],
    [
      'arguments that the operator refuses',
      { ...GOOD, attributes: { strides: 0 } },
      'Cannot run conv2d: strides must be',
    ],
  ])('fails a case with %s', async (_, golden, message) => {
    const { passed, failures } = await runCases(golden, GOOD);
    expect(passed).toBe(1);
    expect(failures).toEqual([expect.stringContaining(message)]);
  });

  test.each([
    ['no JSON', 'cases: none', 'is not valid JSON'],
    ['an array', '[]', 'a golden file must be an object'],
    ['no source', { ...HEADER, source: 1, cases: [GOOD] }, 'source must be a string'],
    ['no cases', { ...HEADER, cases: [] }, 'cases must be an array of at least one case'],
  ])('fails a file that is %s', async (_, content, message) => {
    write('bad.json', content);
    write('good.json', { ...HEADER, cases: [GOOD] });
    const { passed, failures } = await runDirectory(directory);
    expect(passed).toBe(1);
    expect(failures).toEqual([expect.stringMatching(/^bad\.json: /)]);
    expect(failures[0]).toContain(message);
  });

  test('runs the cases of one operator only, and fails where there are none', async () => {
    const depthwise = { ...GOOD, op: 'depthwise_conv2d' };
    write('file.json', { ...HEADER, cases: [GOOD, depthwise, { ...GOOD, op: 'unknown' }] });
    expect(await runDirectory(directory, { op: 'conv2d' })).toEqual({ passed: 1, skipped: 0, failures: [] });
    expect((await runDirectory(directory, { op: 'dcnv3' })).failures).toEqual([
      `${directory}: there must be golden cases of dcnv3`,
    ]);
    expect((await runDirectory(directory, { op: 'unknown' })).failures).toEqual([
      expect.stringContaining('op must be among'),
    ]);
  });

  test('fails an empty directory and one that is not there', async () => {
    expect((await runDirectory(directory)).failures).toEqual([`${directory}: there must be golden cases`]);
    const nowhere = path.join(directory, 'nowhere');
    expect((await runDirectory(nowhere)).failures).toEqual([`${nowhere}: there must be such a directory`]);
  });

  test('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    await runCases(GOOD, withExpected({ d_bias: { shape: [1], data: [12] } }));
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('the command', () => {
  function command(...options: string[]): { status: number | null; lines: string[]; error: string } {
    const tsx = path.join(ROOT, 'node_modules/tsx/dist/cli.mjs');
    const script = path.join(ROOT, 'test/conformance/run.ts');
    const { status, stdout, stderr } = spawnSync(process.execPath, [tsx, script, ...options], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    return { status, lines: stdout.trimEnd().split('\n'), error: stderr };
  }

  test('prints the counts last and ends with 0 where all passes, on wasm unless told otherwise', () => {
    write('file.json', { ...HEADER, cases: [GOOD] });
    expect(command(directory)).toMatchObject({ status: 0, lines: ['1 passed, 0 failed'] });
  });

  test('prints a line for each failure and ends with 1', () => {
    const bad = withExpected({ d_bias: { shape: [1], data: [12] } });
    write('file.json', { ...HEADER, cases: [GOOD, bad] });
    expect(command(directory, '--backend', 'cpu')).toMatchObject({
      status: 1,
      lines: ['file.json: good: d_bias[0] got 11, want 12', '1 passed, 1 failed'],
    });
  });

  test('ends with 1 and one clear line for a backend that there is not', () => {
    write('file.json', { ...HEADER, cases: [GOOD] });
    const { status, error } = command(directory, '--backend', 'abacus');
    expect(status).toBe(1);
    expect(error).toContain("'abacus'");
  });
});
