/** A question whose answer is not a ratio: it measures in its own way and writes its own part of the results. */
import type { Effort } from './measure.js';
import type { Peers } from './peers.js';

export interface Study {
  readonly name: string;
  readonly title: string;
  /** Number of calls of `step`. */
  readonly steps: number;
  /** Measures and returns an answer to store as JSON. */
  readonly run: (peers: Peers, effort: Effort, step: () => void) => Promise<unknown>;
  /** Report as Markdown, and charts as SVG by file name. */
  readonly report: (answer: unknown) => Promise<StudyReport>;
}

export interface StudyReport {
  readonly text: string;
  readonly pictures: Readonly<Record<string, string>>;
}
