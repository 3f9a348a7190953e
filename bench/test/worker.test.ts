/** Processes of peers. */
import { spawnSync } from 'node:child_process';
import { Worker } from '../support/worker.js';

const isRunning = (pid: string): boolean => spawnSync('kill', ['-0', pid]).status === 0;

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('Worker.start()', () => {
  it('ends a process that says that it cannot work', async () => {
    // One that would go on for ever, as a peer does that has started a browser.
    const program =
      "console.log('@bench ' + JSON.stringify({ error: 'no peer here, ' + process.pid })); setInterval(() => {}, 1000);";
    const started = Worker.start('peer t1', { file: process.execPath, args: ['-e', program] });
    const message = await started.then(
      () => 'started',
      (error: unknown) => String(error),
    );
    const [, pid] = /^Error: peer t1: no peer here, (\d+)$/.exec(message) ?? [];
    expect(pid).toBeDefined();
    await until(() => !isRunning(pid!));
  });
});
