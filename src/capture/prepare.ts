/** Chooses how a recording is replayed on the active backend. */
import { EngineReplay } from './engine_replay.js';
import { Guards } from './guards.js';
import { programOf } from './program.js';
import type { Recording } from './recording.js';
import type { Replay } from './replay.js';

/** A recording that is ready to be replayed. */
export interface Prepared {
  readonly replay: Replay;
  readonly guards: Guards;
  readonly kernels: number;
  readonly dropped: number;
}

/** Prepares a recording made on the active backend. */
export function prepare(recording: Recording): Prepared {
  const program = programOf(recording, { dropReshapes: false });
  return {
    replay: new EngineReplay(program),
    guards: new Guards(recording),
    kernels: program.steps.filter(({ kind }) => kind === 'kernel').length,
    dropped: program.dropped,
  };
}
