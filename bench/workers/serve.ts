/** The worker's side of the protocol, for workers in Node. */
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { MARK, type Ready, type Reply, type Request, type StoredValues } from '../support/protocol.js';
import type { Params } from '../support/question.js';
import { readValues } from '../support/values.js';

/** An input in the conventions of this package. */
export interface Input {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/** A result in the conventions of this package. */
export interface Result {
  readonly name: string;
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/** Work that is ready to run. */
export interface PreparedWork {
  readonly results: readonly Result[];
  /** Runs once and returns milliseconds, or what else is measured. */
  readonly run: () => number | Promise<number>;
  readonly release: () => void;
  /** More than numbers, for questions of their own. */
  readonly data?: unknown;
}

export type Prepare = (
  work: string,
  inputs: Readonly<Record<string, Input>>,
  params: Params,
) => PreparedWork | Promise<PreparedWork>;

/** Says what works, then answers requests until the input ends. */
export function serve(versions: NonNullable<Ready['versions']>, prepare: Prepare): void {
  const works = new Map<number, PreparedWork>();
  let lastId = 0;
  const answer = async (request: Request): Promise<object> => {
    if (request.op === 'prepare') {
      const inputs = Object.fromEntries(
        request.inputs.map((stored) => [stored.name, { values: readValues(stored), shape: stored.shape }]),
      );
      const work = await prepare(request.work, inputs, request.params);
      works.set(++lastId, work);
      const results = work.results.map((result) => store(result, request.folder));
      return { id: lastId, results, ...(work.data === undefined ? {} : { data: work.data }) };
    }
    const work = works.get(request.id)!;
    if (request.op === 'run') return { times: await runFor(work, request.budget) };
    work.release();
    works.delete(request.id);
    return {};
  };
  createInterface({ input: process.stdin })
    .on('line', (line) => {
      answer(JSON.parse(line) as Request).then(say, (error: unknown) => {
        say({ error: String(error).slice(0, 400) });
      });
    })
    .on('close', () => process.exit());
  say({ versions });
}

/** Says that this process cannot work, and ends. */
export function refuse(error: unknown): void {
  say({ error: String(error).split('\n')[0]!.slice(0, 200) });
}

async function runFor(work: PreparedWork, budget: number): Promise<number[]> {
  const times: number[] = [];
  const start = performance.now();
  do times.push(await work.run());
  while (performance.now() - start < budget);
  // The first call finds the caches full of what the other processes did.
  return times.length > 2 ? times.slice(1) : times;
}

/** Writes values to a file of a folder. */
export function store({ name, values, shape }: Result, folder: string): StoredValues {
  const file = path.join(folder, `${name}.bin`);
  fs.writeFileSync(file, values);
  return { name, shape, file };
}

function say(reply: Reply | object): void {
  process.stdout.write(`${MARK}${JSON.stringify(reply)}\n`);
}
