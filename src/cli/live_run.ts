/** The live page of a run of `train`, if it is asked for. */
import { MissingPackageError } from '../support/optional_package.js';
import type { EpochRecord, TrainingState } from '../training/trainer.js';
import type { TrainCommandOptions } from './command_options.js';
import { LivePage, openInBrowser } from './live_page.js';
import type { PhasedRun } from './phased_run.js';
import { drawPreview } from './preview.js';

/** A live page that counts epochs over all phases. */
export class LiveRunPage {
  private text = 'the run has ended by an error';

  constructor(private readonly page: LivePage) {}

  /** Shows a step. */
  step(phases: PhasedRun, state: Readonly<TrainingState>): void {
    this.page.step(phases.counted(state), phases.trainer.optimizer.learningRate);
  }

  /** Shows the results of an epoch. */
  epoch(phases: PhasedRun, record: EpochRecord): void {
    this.page.epoch(phases.counted(record));
  }

  /** Notes how the run has ended. */
  end(text: string): void {
    this.text = text;
  }

  /** Ends the page. */
  async close(): Promise<void> {
    await this.page.close(this.text);
  }
}

/** Opens the page and prints its address; undefined without `--live`. */
export async function openLive(
  { live, epochs }: Pick<TrainCommandOptions, 'live' | 'epochs'>,
  { trainer, data, history }: PhasedRun,
): Promise<LiveRunPage | undefined> {
  if (live !== true) return undefined;
  const { channels } = data.train;
  // Without the package that draws it, the page has no picture.
  const preview =
    channels === 1 || channels === 3
      ? await drawPreview(data.train, trainer.options).catch((error: unknown) => {
          if (error instanceof MissingPackageError) return undefined;
          throw error;
        })
      : undefined;
  const title = `${data.name}, ${trainer.model.name}`;
  const page = await LivePage.open({ title, epochs, stepsPerEpoch: trainer.stepsPerEpoch, preview });
  for (const record of history) page.epoch(record);
  process.stdout.write(`live     ${page.url}\n`);
  openInBrowser(page.url);
  return new LiveRunPage(page);
}
