/** Progress on standard error: a bar on a terminal, a line for each comparison elsewhere. */
import { SingleBar } from 'cli-progress';

export interface Progress {
  readonly begin: (what: string) => void;
  readonly step: () => void;
  /** Prints a result. */
  readonly say: (text: string) => void;
  readonly stop: () => void;
}

export function createProgress(steps: number): Progress {
  const stream = process.stderr;
  if (!stream.isTTY) {
    return {
      begin: (what) => {
        stream.write(`${what}\n`);
      },
      step: () => undefined,
      say: console.log,
      stop: () => undefined,
    };
  }
  const format = '{bar} {percentage} %  {duration_formatted}, {eta_formatted} left  {what}';
  const bar = new SingleBar({ stream, format, barsize: 20, gracefulExit: false });
  bar.start(steps, 0, { what: '' });
  return {
    begin: (what) => {
      bar.update({ what });
    },
    step: () => {
      bar.increment();
    },
    say: (text) => {
      stream.write('\r\u001b[K'); // the bar's line, which the bar draws again
      console.log(text);
    },
    stop: () => {
      bar.stop();
    },
  };
}
