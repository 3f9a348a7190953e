/** Calls of a context without those that set what is set already. */
import { isNumbers, type ContextCall } from './recording_context.js';

/** Calls that set one thing, which holds until the next call of the same name. */
const SETTERS = new Set([
  'useProgram',
  'bindVertexArray',
  'bindFramebuffer',
  'framebufferTexture2D',
  'viewport',
  'scissor',
]);

/** Calls that work on the texture of the active unit. */
const ON_UNIT = new Set(['bindTexture', 'texSubImage2D']);

/**
 * Drops calls without effect. Nothing is assumed of the state before: the first call that sets something stays.
 *
 * @param isChanging true for a call whose numbers change from replay to replay
 */
export function withoutRepeats(
  calls: readonly ContextCall[],
  isChanging: (call: ContextCall) => boolean,
): readonly ContextCall[] {
  const state = new Map<unknown, ContextCall | undefined>();
  const kept: ContextCall[] = [];
  let unit: ContextCall | undefined;
  const activate = (): void => {
    if (!unit || isSame(state.get('activeTexture'), unit)) return;
    state.set('activeTexture', unit);
    kept.push(unit);
  };
  for (const call of calls) {
    const { name, args } = call;
    if (name === 'activeTexture') {
      unit = call;
      continue;
    }
    const isUniform = name.startsWith('uniform');
    // Of a uniform that the compiler removed.
    if (isUniform && args[0] === null) continue;
    if (isUniform || name === 'bindTexture' || SETTERS.has(name)) {
      const key = keyOf(call, unit);
      const changes = isChanging(call);
      if (!changes && isSame(state.get(key), call)) continue;
      if (name === 'bindFramebuffer') forgetAttachments(state);
      state.set(key, changes ? undefined : call);
    }
    if (ON_UNIT.has(name)) activate();
    kept.push(call);
  }
  return kept;
}

const ATTACHED = 'attachment';

function forgetAttachments(state: Map<unknown, unknown>): void {
  for (const key of state.keys()) if (typeof key === 'string' && key.startsWith(ATTACHED)) state.delete(key);
}

/** Identifies what a call sets. */
function keyOf({ name, args }: ContextCall, unit: ContextCall | undefined): unknown {
  if (name.startsWith('uniform')) return args[0];
  if (name === 'framebufferTexture2D') return `${ATTACHED} ${String(args[1])}`;
  return name === 'bindTexture' ? `unit ${String(unit?.args[0])}` : name;
}

function isSame(a: ContextCall | undefined, b: ContextCall): boolean {
  return (
    a?.name === b.name && a.args.length === b.args.length && a.args.every((arg, index) => equals(arg, b.args[index]))
  );
}

function equals(a: unknown, b: unknown): boolean {
  if (!isNumbers(a) || !isNumbers(b)) return Object.is(a, b);
  return a.length === b.length && [...a].every((value, index) => Object.is(value, b[index]));
}
