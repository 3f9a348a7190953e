/**
 * Every public function and class refuses what it would ignore or cannot use: unknown options, something else in place of
 * the options, and values of a wrong kind or out of range, each by one error of the package that names the option.
 */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import * as geometry from '../../src/geometry/index.js';
import * as interop from '../../src/interop/index.js';
import * as plots from '../../src/plots/index.js';
import * as training from '../../src/training/index.js';
import { attemptsOf, faultOf } from './row.js';
import { ROWS, WITHOUT_OPTIONS } from './table.js';

beforeAll(() => tf.setBackend('cpu'));

describe.each(ROWS)('$name()', (row) => {
  const call = row.call as (options: unknown, ...more: unknown[]) => unknown;

  it('takes the options that its row calls right', async () => {
    const answer = await call(row.base);
    if (answer instanceof tf.Tensor) answer.dispose();
  });

  it('refuses all others by one error that names the option', async () => {
    const faults: string[] = [];
    for (const { title, name, options } of attemptsOf(row)) {
      const fault = await faultOf(() => call(options), name);
      if (fault !== undefined) faults.push(`${title}: ${fault}`);
    }
    expect(faults).toEqual([]);
    expect(Object.prototype).not.toHaveProperty('polluted');
  });

  if (!row.refusesMore) return;

  it('refuses arguments after its options', async () => {
    expect(await faultOf(() => call(row.base, 'same'), 'argument')).toBeUndefined();
  });
});

/** Names of the functions and classes of an entry, static methods included. */
function functionsOf(entry: object, prefix = ''): string[] {
  return Object.entries(entry).flatMap(([name, value]: [string, unknown]) => {
    if (typeof value !== 'function') return [];
    const methods = Object.getOwnPropertyNames(value).filter((key) => {
      const own = Object.getOwnPropertyDescriptor(value, key)!.value as unknown;
      return typeof own === 'function' && key !== 'prototype';
    });
    return [`${prefix}${name}`, ...methods.map((method) => `${prefix}${name}.${method}`)];
  });
}

test('the table has every exported function and class', () => {
  const exported = [
    ...functionsOf(conv),
    ...functionsOf(geometry, 'geometry/'),
    ...functionsOf(interop, 'interop/'),
    ...functionsOf(plots, 'plots/'),
    ...functionsOf(training, 'training/'),
    ...functionsOf(training.losses, 'training/losses/'),
    ...functionsOf(training.metrics, 'training/metrics/'),
    ...functionsOf(training.schedules, 'training/schedules/'),
  ];
  const listed = [...ROWS.map(({ name }) => name), ...WITHOUT_OPTIONS];
  expect(listed.sort()).toEqual(exported.sort());
  // Every layer of the package has its factory, through which its row calls it.
  expect(Object.keys(conv.layers)).toHaveLength(
    ROWS.filter(({ name, nullIsAbsent }) => nullIsAbsent && !name.includes('.')).length,
  );
});
