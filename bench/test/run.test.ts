/** The benchmark program lists its questions, answers one without peers, and refuses unknown ones. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { QUESTIONS, STUDIES } from '../questions.js';

const ROOT = path.resolve(__dirname, '../..');

function bench(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const options = { cwd: ROOT, encoding: 'utf8', timeout: 300_000 } as const;
  return spawnSync(process.execPath, ['--import', 'tsx', 'bench/run.ts', ...args], options);
}

describe('npm start -w bench', () => {
  it('lists every question with what it compares', () => {
    const { status, stdout } = bench('--list');
    expect(status).toBe(0);
    for (const { name } of [...QUESTIONS, ...STUDIES]) expect(stdout).toMatch(new RegExp(`^${name} +.`, 'm'));
    expect(stdout.trim().split('\n')).toHaveLength(QUESTIONS.length + STUDIES.length);
  });

  it('answers a question with a ratio for every shape, once results are equal', () => {
    const { status, stdout } = bench('conv2d', '--passes', '1', '--rounds', '1', '--budget', '1');
    expect(status).toBe(0);
    const rows = stdout.split('\n').filter((line) => /^\| \d+²×\d+ \|/.test(line));
    const [beside, own] = [true, false].map((isBeside) => rows.filter((row) => row.includes('jax-js') === isBeside));
    expect(own).toHaveLength(6);
    for (const row of own!) {
      expect(row).toMatch(/\| ≤ [\d.]+ +\| [\d.]+ +\| [\d.]+ ms \(wasm t1\) +\| [\d.]+ ms \(wasm t1\) +\|/);
    }
    // A peer that may not be installed: a ratio, or its name.
    expect(beside).toHaveLength(2);
    for (const row of beside!) {
      expect(row).toMatch(/\| ≤ 0.02 \| ([\d.]+ \| .* ms \(jax-js t1\)|left out: jax-js t1 does not start .*) \|/);
    }
    expect(stdout).toMatch(/^wasm kernels: (plain|relaxed)$/m);
  });

  it('refuses a question that it does not know', () => {
    const { status, stderr } = bench('speed');
    expect(status).toBe(1);
    expect(stderr).toContain('Questions are gemm,');
  });
});
