/** One comparison. */
import type { BackendName } from './backend_names.js';
import type { PageClock, Work } from './timing.js';

export interface Contest {
  readonly title: string;
  readonly shape: string;
  /** @default all */
  readonly backends?: readonly BackendName[];
  /** @default 'results' */
  readonly clock?: PageClock;
  /** Creates the inputs. */
  readonly prepare: () => Prepared;
}

export interface Prepared {
  readonly host: Work;
  readonly ours: Work;
  /** Must equal the first of the host's results: this package, at inputs for which both compute the same. */
  readonly same: Work;
  /** Calls of `ours` before it is timed. @default 1 */
  readonly warmUps?: number;
  /** Returns why nothing can be timed after these calls. */
  readonly obstacle?: () => string | undefined;
  readonly dispose: () => void;
}
