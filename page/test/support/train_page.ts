/** What a person does in the train part. */
import path from 'node:path';
import type { Locator, Page, Worker } from '@playwright/test';
import { expect } from './test.js';
import { SHAPES, shapes } from './shapes.js';
import { STRIPES, stripes, type StripeFile } from './stripes.js';

type Files = Parameters<Locator['setInputFiles']>[0];

interface StepCount {
  all: number;
  /** Steps that ran layers and gradients, instead of a replay. */
  differentiated: number;
}

/** Methods of TensorFlow.js's engine, which is global; each step encodes its labels with OneHot. */
interface Engine {
  gradients: (...args: unknown[]) => unknown;
  makeTensor: (values: unknown, shape: readonly number[], ...args: unknown[]) => unknown;
}

/** The scripts of threads are blobs. */
const isThread = (worker: Worker): boolean => worker.url().startsWith('blob:');

export class TrainPage {
  /** The run and what came of it. */
  readonly run: Locator;

  constructor(readonly page: Page) {
    this.run = page.locator('.train-run, .train-try');
  }

  /** Opens the part and leaves its panels as they are. */
  async visit(): Promise<void> {
    await this.page.goto('/#train');
    await expect(this.page.getByRole('button', { name: /^Start/ })).toBeEnabled();
  }

  async open(): Promise<void> {
    await this.page.goto('/#train');
    await this.ready();
  }

  /** Waits until the backends are known and the costs are counted. */
  async ready(): Promise<void> {
    await this.unfold();
    await expect(this.page.getByRole('radio', { name: /WebAssembly/ })).toBeVisible();
    // An imported network has a line of its own.
    await expect(this.page.getByText(/parameters, .* multiply-adds/).nth(3)).toBeVisible();
  }

  /** Unfolds the network, the settings and the project. */
  async unfold(): Promise<void> {
    const folded = this.page.locator('.fold:not([open]) > summary');
    await expect(this.page.locator('.fold')).not.toHaveCount(0);
    while ((await folded.count()) > 0) await folded.first().click();
  }

  /** Answers the browser's choice of files that a button opens. */
  async choose(button: string | RegExp, files: Files): Promise<void> {
    await this.unfold();
    const chooser = this.page.waitForEvent('filechooser');
    await this.page.getByRole('button', { name: button }).click();
    await (await chooser).setFiles(files);
  }

  /** Two classes of stripes, as small and as few as they can be, and a run of seconds. */
  async prepareStripes({ epochs = 4, count = 12 } = {}): Promise<void> {
    await this.page.getByRole('radio', { name: /Your own images/ }).check();
    for (const [index, kind] of STRIPES.entries()) {
      await this.page.getByLabel(`Name of class ${index + 1}`).fill(kind);
      await this.choose(`Add images to ${kind}`, await stripes(kind, count));
      await expect(this.shotsOf(kind)).toHaveCount(count);
    }
    await this.shorten(epochs);
  }

  /** Three classes of colour images. */
  async prepareShapes(count: number): Promise<void> {
    const classes = await Promise.all(SHAPES.map(async (kind) => [kind, await shapes(kind, count)] as const));
    await this.prepareClasses(Object.fromEntries(classes));
  }

  /** Adds classes of images, two or more, by their names. */
  async prepareClasses(classes: Readonly<Record<string, readonly string[] | StripeFile[]>>): Promise<void> {
    await this.page.getByRole('radio', { name: /Your own images/ }).check();
    for (const [index, [kind, files]] of Object.entries(classes).entries()) {
      if (index >= 2) await this.page.getByRole('button', { name: 'Add a class' }).click();
      await this.page.getByLabel(`Name of class ${index + 1}`).fill(kind);
      await this.choose(`Add images to ${kind}`, [...files] as Files);
      await expect(this.shotsOf(kind)).toHaveCount(files.length);
    }
  }

  async shorten(epochs: number): Promise<void> {
    await this.unfold();
    await this.page.getByRole('radio', { name: 'Small network Four' }).check();
    await this.page.getByLabel('Image size').selectOption('28');
    await this.page.getByLabel('Epochs').fill(String(epochs));
    await this.page.getByLabel('Learning rate').fill('0.01');
    await this.page.getByRole('checkbox', { name: /Augment the images/ }).uncheck();
  }

  shotsOf(kind: string): Locator {
    return this.page.getByRole('list', { name: `Images of ${kind}` }).getByRole('listitem');
  }

  async chooseBackend(name: string): Promise<void> {
    await this.unfold();
    await this.page.getByRole('radio', { name: `(${name})` }).check();
  }

  async start(): Promise<void> {
    await this.page.getByRole('button', { name: /^Start/ }).click();
  }

  /** Waits until so many epochs, or more, are done and the run goes on. */
  async epochsDone(count: number): Promise<void> {
    const said = this.run.getByText(/^Training: \d+ epochs? done/);
    const done = async (): Promise<number> => {
      const [text] = await said.allTextContents();
      return Number(/\d+/.exec(text ?? '0'));
    };
    await expect.poll(done, { timeout: 120_000 }).toBeGreaterThanOrEqual(count);
  }

  /** Waits for the end of the run; the share of test images that are right. */
  async finish(): Promise<number> {
    const done = this.run.getByText(/^Done: /);
    await expect(done).toBeVisible({ timeout: 160_000 });
    return Number(/([\d.]+) %/.exec((await done.textContent())!)![1]) / 100;
  }

  /** Metrics of every epoch, a row each. */
  async figures(): Promise<string[][]> {
    await this.page.getByText('Metrics of every epoch').click();
    const rows = await this.run.getByRole('row').all();
    return Promise.all(rows.slice(1).map((row) => row.locator('th, td').allTextContents()));
  }

  /** Exports the network; the paths of model.json and weights.bin in the folder. */
  async exportTo(folder: string): Promise<string[]> {
    const saved: Promise<string>[] = [];
    const both = new Promise<void>((resolve) => {
      this.page.on('download', (download) => {
        const file = path.join(folder, download.suggestedFilename());
        saved.push(download.saveAs(file).then(() => file));
        if (saved.length === 2) resolve();
      });
    });
    await this.page.getByRole('button', { name: 'Export the network' }).click();
    await both;
    return Promise.all(saved);
  }

  /** Where training happens now: the worker that the page started last. */
  worker(): Worker {
    return this.page
      .workers()
      .filter((worker) => !isThread(worker))
      .at(-1)!;
  }

  /** Counts the steps of the worker from now on; the function returned tells how many there were. */
  async countSteps(): Promise<() => Promise<StepCount>> {
    const worker = this.worker();
    const count = await worker.evaluateHandle(() => {
      const { _tfengine } = globalThis as unknown as { readonly _tfengine: object };
      // Recording replaces the methods of the instance.
      const engine = Object.getPrototypeOf(_tfengine) as Engine;
      const steps = { all: 0, differentiated: 0 };
      const { gradients, makeTensor } = engine;
      engine.gradients = function (...args) {
        steps.differentiated++;
        return gradients.apply(this, args);
      };
      // The truth of a batch is the only matrix that is made of numbers.
      engine.makeTensor = function (values, shape, ...args) {
        if (shape.length === 2) steps.all++;
        return makeTensor.call(this, values, shape, ...args);
      };
      return steps;
    });
    return () => count.jsonValue();
  }

  /** Counts the images that the worker decodes from now on: each question has one. */
  async countClassified(): Promise<() => Promise<number>> {
    const count = await this.worker().evaluateHandle(() => {
      const asked = { count: 0 };
      const decode = globalThis.createImageBitmap.bind(globalThis) as (source: Blob) => Promise<ImageBitmap>;
      Object.assign(globalThis, {
        createImageBitmap: (source: Blob) => {
          asked.count++;
          return decode(source);
        },
      });
      return asked;
    });
    return async () => (await count.jsonValue()).count;
  }

  /** Threads of wasm that have started, besides the one of the worker itself. */
  threads(): readonly Worker[] {
    return this.page.workers().filter(isThread);
  }

  /** What the bars say of a class, in words. */
  guess(name: string): Locator {
    return this.run.getByRole('listitem').filter({ hasText: name });
  }
}

/** Prepares a run of seconds, or one that is long enough to be interrupted. */
export async function prepared(page: Page, options: { epochs?: number; count?: number } = {}): Promise<TrainPage> {
  const train = new TrainPage(page);
  await train.open();
  await train.prepareStripes(options);
  await train.chooseBackend('wasm');
  return train;
}

/** Resolves with false while the page would ask before it is left: it has files that are not stored yet. */
export const isKept = (page: Page): Promise<boolean> =>
  page.evaluate(() => dispatchEvent(new Event('beforeunload', { cancelable: true })));

/** Waits until a change has been stored. */
export async function kept(page: Page): Promise<void> {
  await page.waitForTimeout(800);
  await expect.poll(() => isKept(page)).toBe(true);
}
