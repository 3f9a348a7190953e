/** Decisions that follow from the history of a run alone, so that a resumed run makes the same ones. */
import { checkInteger, checkNumber, checkOneOf, type Action } from '../errors.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { checkPositive } from './checks.js';
import type { EpochRecord } from './epoch_record.js';

const MONITORED = ['testLoss', 'testAccuracy'] as const;

/**
 * Quantity that is to improve: the loss to fall, or the accuracy to rise.
 *
 * @useDeclaredType
 */
export type Monitor = (typeof MONITORED)[number];

/** When to stop a run that no longer improves. */
export interface EarlyStopping {
  /** Number of epochs without an improvement after which to stop. */
  readonly patience: number;
  /** Quantity that is to improve. @default 'testLoss' */
  readonly monitor?: Monitor;
  /** Smallest change that counts as an improvement. @default 0 */
  readonly minDelta?: number;
}

/** When to lower the learning rate of a run that no longer improves: Keras's `ReduceLROnPlateau`. */
export interface Plateau extends EarlyStopping {
  /** Factor of the learning rate, in (0, 1). @default 0.1 */
  readonly factor?: number;
}

const STOPPING: OptionNames<EarlyStopping> = { patience: true, monitor: true, minDelta: true };
const PLATEAU: OptionNames<Plateau> = { ...STOPPING, factor: true };

/** Throws unless the options are known and in range. */
export function checkEarlyStopping(action: Action, given: unknown): void {
  checkOptions(action, given, STOPPING, { of: 'earlyStopping' });
  checkImprovement(action, given as EarlyStopping);
}

/** Throws unless the options are known and in range. */
export function checkPlateau(action: Action, given: unknown): void {
  checkOptions(action, given, PLATEAU, { of: 'plateau' });
  checkImprovement(action, given as Plateau);
  checkNumber(action, 'factor', (given as Plateau).factor ?? 0.1, { above: 0, below: 1 });
}

function checkImprovement(action: Action, { patience, monitor = 'testLoss', minDelta = 0 }: EarlyStopping): void {
  checkInteger(action, 'patience', patience, 1);
  checkOneOf(action, 'monitor', monitor, MONITORED);
  checkNumber(action, 'minDelta', minDelta, { from: 0 });
}

/** Returns the budget if it is a positive number of seconds; throws otherwise. */
export function checkSeconds(action: Action, seconds: unknown): number {
  return checkPositive(action, 'seconds', seconds);
}

/** Number of the epoch with the last improvement, from 1; 0 before the first epoch. */
export function bestEpoch(history: readonly EpochRecord[], stopping: Omit<EarlyStopping, 'patience'> = {}): number {
  let best = 0;
  history.forEach((record, index) => {
    if (best === 0 || improves(record, history[best - 1]!, stopping)) best = index + 1;
  });
  return best;
}

/** True if a run with this history is to end before its last epoch. */
export function endsEarly(
  history: readonly EpochRecord[],
  { earlyStopping, seconds }: { readonly earlyStopping?: EarlyStopping; readonly seconds?: number },
): boolean {
  if (history.length === 0) return false;
  if (earlyStopping && history.length - bestEpoch(history, earlyStopping) >= earlyStopping.patience) return true;
  if (seconds === undefined) return false;
  const spent = history.map((record) => record.seconds);
  // An epoch is started only if one that takes as long as the last would fit.
  return spent.reduce((sum, each) => sum + each, 0) + spent.at(-1)! > seconds;
}

/** Factor of the learning rate after the epochs of a history. */
export function plateauFactor(history: readonly EpochRecord[], plateau: Plateau): number {
  const { patience, factor = 0.1 } = plateau;
  let [best, waited, result] = [history[0], 0, 1];
  for (const record of history.slice(1)) {
    if (improves(record, best!, plateau)) [best, waited] = [record, 0];
    else waited++;
    if (waited >= patience) [result, waited] = [result * factor, 0];
  }
  return result;
}

function improves(
  record: EpochRecord,
  best: EpochRecord,
  { monitor = 'testLoss', minDelta = 0 }: Omit<EarlyStopping, 'patience'>,
): boolean {
  const gain = record[monitor] - best[monitor];
  return (monitor === 'testLoss' ? -gain : gain) > minDelta;
}
