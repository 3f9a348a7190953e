/** Chooses how a recording is replayed on the active backend. */
import { deviceReplay } from './device_replay.js';
import { EngineReplay } from './engine_replay.js';
import { Guards } from './guards.js';
import { normalisedTwice } from './normalised_twice.js';
import { programOf, type Program } from './program.js';
import type { Recording } from './recording.js';
import type { Replay } from './replay.js';
import { wasmReplay } from './wasm_replay.js';

/** A recording that is ready to be replayed. */
export interface Prepared {
  readonly replay: Replay;
  readonly guards: Guards;
  readonly kernels: number;
  readonly dropped: number;
}

/** Prepares a recording made on the active backend. */
export function prepare(recording: Recording): Prepared {
  const { program, replay } = replayOf(recording);
  return {
    replay,
    guards: new Guards(recording),
    kernels: program.steps.filter(({ kind }) => kind === 'kernel').length,
    dropped: program.dropped,
  };
}

function replayOf(recording: Recording): { readonly program: Program; readonly replay: Replay } {
  const planned = normalisedTwice(programOf(recording, { dropReshapes: true }));
  const replay = wasmReplay(planned);
  if (replay) return { program: planned, replay };
  const program = programOf(recording, { dropReshapes: false });
  return { program, replay: deviceReplay(program) ?? new EngineReplay(program) };
}
