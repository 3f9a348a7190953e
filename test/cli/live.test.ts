/** The page of `train --live`: its events, whom it answers, and its end with the run. */
import http from 'node:http';
import { LivePage } from '../../src/cli/live_page.js';
import type { TrainingState } from '../../src/training/trainer.js';
import { temporaryFolder } from '../training/support/temporary_folder.js';
import { writeIdxFolder } from '../training/support/idx_files.js';
import { startCli, TINY } from './support.js';

const inFolder = temporaryFolder();

interface Answer {
  readonly status: number | undefined;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Requests a page, to its end. */
function get(url: string, options: http.RequestOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, options, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) });
      });
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end();
  });
}

interface Message {
  readonly name: string;
  readonly data: unknown;
}

function messagesOf({ body }: Answer): Message[] {
  const blocks = body.toString('utf8').split('\n\n').slice(0, -1);
  return blocks.map((block) => {
    const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(block)!;
    return { name: name!, data: JSON.parse(data!) as unknown };
  });
}

const state = (epoch: number, step: number): TrainingState => {
  const seen = 10 * step;
  return { epoch, step, lossSum: 2 * seen - step, correct: 4 * step, seen, seconds: step / 2, history: [] };
};
const record = { epoch: 1, loss: 1, accuracy: 0.4, testLoss: 0.9, testAccuracy: 0.6, learningRate: 0.1, seconds: 1 };

test('a page sends what was before it and what comes, and ends with the run', async () => {
  const run = { title: '<b>photos</b>', epochs: 2, stepsPerEpoch: 3, preview: Buffer.from('picture') };
  const page = await LivePage.open(run);
  page.step(state(0, 1), 0.1);
  page.step(state(0, 2), 0.05);
  page.epoch(record);
  const events = get(`${page.url}events`);
  const { status, headers, body } = await get(page.url);
  expect(status).toBe(200);
  expect(headers['content-security-policy']).toMatch(/^default-src 'none'; connect-src 'self'; .*script-src 'nonce-/);
  const nonce = /script-src 'nonce-([^']+)'/.exec(headers['content-security-policy'] as string)![1]!;
  expect(body.toString('utf8')).toContain(`<script nonce="${nonce}">`);
  expect(body.toString('utf8')).not.toMatch(/https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
  expect((await get(`${page.url}preview.png`)).body.toString()).toBe('picture');
  page.step(state(1, 1), 0.01);
  await page.close('the run has finished');
  const step = { loss: 1.9, accuracy: expect.closeTo(0.4, 9) as number, speed: 20 };
  const messages = messagesOf(await events);
  expect(messages[0]).toEqual({
    name: 'run',
    data: { title: '<b>photos</b>', epochs: 2, stepsPerEpoch: 3, hasPreview: true },
  });
  expect(messages.filter(({ name }) => name === 'steps').flatMap(({ data }) => data)).toEqual(
    [[1 / 3, 0.1], [2 / 3, 0.05], [4 / 3, 0.01]].map(([at, rate]) => ({ ...step, at, rate })), // prettier-ignore
  );
  expect(messages.filter(({ name }) => name === 'epoch')).toEqual([
    { name: 'epoch', data: { at: 1, testLoss: 0.9, testAccuracy: 0.6 } },
  ]);
  expect(messages.at(-1)).toEqual({ name: 'end', data: { text: 'the run has finished' } });
  await expect(get(page.url)).rejects.toThrow('ECONNREFUSED');
});

test('a page keeps some thousand steps of a long run, and answers only this machine', async () => {
  const page = await LivePage.open({ title: 'long', epochs: 1, stepsPerEpoch: 20_000 });
  for (let step = 1; step <= 20_000; step++) page.step(state(0, step), 0.1);
  const events = get(`${page.url}events`);
  const { port } = new URL(page.url);
  expect((await get(page.url, { headers: { host: `evil.example:${port}` } })).status).toBe(403);
  expect((await get(`${page.url}preview.png`)).status).toBe(404);
  expect((await get(`${page.url}../../etc/passwd`)).status).toBe(404);
  expect((await get(page.url, { method: 'POST' })).status).toBe(405);
  await page.close('over');
  const steps = messagesOf(await events).find(({ name }) => name === 'steps')!.data as readonly {
    readonly at: number;
  }[];
  expect(steps.length).toBeGreaterThan(1500);
  expect(steps.length).toBeLessThan(5000);
  expect([...steps].sort((a, b) => a.at - b.at)).toEqual(steps);
});

test('train --live prints an address, shows the run there, and ends', async () => {
  writeIdxFolder(inFolder('bars'), { train: 60, test: 12, classes: 3 });
  const args = ['train', '--data', 'bars', ...TINY, '--epochs', '3', '--batch', '6', '--backend', 'cpu', '--no-plots'];
  const run = startCli([...args, '--live', '--out', 'run'], inFolder());
  let printed = '';
  run.process.stdout!.on('data', (part: Buffer) => (printed += part.toString()));
  await run.until('live     http://127.0.0.1:');
  const url = /live {5}(\S+)\n/.exec(printed)![1]!;
  const [events, { status }] = await Promise.all([get(`${url}events`), run.result]);
  expect(status).toBe(0);
  const messages = messagesOf(events);
  expect(messages[0]!.data).toMatchObject({ epochs: 3, stepsPerEpoch: 10 });
  expect(messages.filter(({ name }) => name === 'steps').flatMap(({ data }) => data)).toHaveLength(30);
  expect(
    messages.filter(({ name }) => name === 'epoch').map(({ data }) => (data as { readonly at: number }).at),
  ).toEqual([1, 2, 3]);
  expect(messages.at(-1)).toEqual({ name: 'end', data: { text: 'the run has finished' } });
});
