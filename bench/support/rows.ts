/** Turns figures into rows of ratios, and checks them against their limits. */
import { labelOf, type Measured } from './measure.js';
import type { Comparison, Figure, Question, Row, Target } from './question.js';

export function rowsOf(question: Question, comparison: Comparison, measured: Measured, relaxed: boolean): Row[] {
  return comparison.targets.map((target) => rowOf(question, comparison, target, measured, relaxed));
}

function rowOf(
  { name }: Question,
  { title, sides, unit = 'ms' }: Comparison,
  target: Target,
  { figures, missing }: Measured,
  relaxed: boolean,
): Row {
  const atLeast = target.atLeast === true;
  const limit = relaxed ? (target.relaxed ?? target.limit) : target.limit;
  const row = { question: name, title, work: target.work, against: target.against, limit, atLeast, unit };
  const ours = figures[target.ours];
  if (ours === undefined) return { ...row, missing: missing[target.ours] ?? 'not measured' };
  const present = target.peers.filter((key) => figures[key] !== undefined);
  if (present.length === 0) {
    const reasons = target.peers.map((key) => missing[key] ?? `${labelOf(sides[key]!)} was not measured`);
    return { ...row, ours, missing: reasons[0]! };
  }
  const best = present.reduce((a, b) => (figures[b]!.best < figures[a]!.best ? b : a));
  const peer = figures[best]!;
  const ratio = ratioOf(sides[target.ours]!.amount, ours, sides[best]!.amount, peer, atLeast);
  return { ...row, ours, peer, ratio, met: atLeast ? ratio >= limit : ratio <= limit };
}

/** Ratio of times or of throughputs. */
function ratioOf(
  amount: number | undefined,
  ours: Figure,
  peerAmount: number | undefined,
  peer: Figure,
  atLeast: boolean,
): number {
  return atLeast ? (amount ?? 1) / ours.best / ((peerAmount ?? 1) / peer.best) : ours.best / peer.best;
}
