/** Checks of the lists that metrics take. */
import { checkInteger, checkNumber, rangeError, typeError, type Action } from '../../errors.js';

/** Throws unless the value is a list or a typed array of at least one element. */
export function checkList(action: Action, name: string, value: unknown): void {
  const isList = Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
  if (!isList) throw typeError(action, `${name} must be a list of numbers`, name, value);
  if ((value as ArrayLike<number>).length === 0) {
    throw rangeError(action, `${name} must have at least one number`, `${name}.length`, 0);
  }
}

/** Throws unless there is a label of 0 or 1 and a score for each example. */
export function checkScores(action: Action, labels: ArrayLike<number>, scores: ArrayLike<number>): void {
  checkList(action, 'labels', labels);
  checkList(action, 'scores', scores);
  if (labels.length !== scores.length) {
    throw rangeError(action, `there must be ${labels.length} scores`, 'scores.length', scores.length);
  }
  for (let index = 0; index < labels.length; index++) {
    checkNumber(action, 'score', scores[index]);
    if (labels[index] !== 0 && labels[index] !== 1) {
      throw rangeError(action, 'labels must be 0 or 1', 'label', labels[index]);
    }
  }
}

/** Throws unless the value is a confusion matrix: lists of counts, as many as there are lists. */
export function checkConfusion(action: Action, confusion: unknown): void {
  const rule = 'confusion must be a square matrix of counts';
  if (!Array.isArray(confusion) || confusion.length === 0) throw typeError(action, rule, 'confusion', confusion);
  for (const row of confusion as unknown[]) {
    if (!Array.isArray(row) || row.length !== confusion.length) throw rangeError(action, rule, 'row', row);
    for (const count of row as unknown[]) checkInteger(action, 'count', count, 0, Number.MAX_SAFE_INTEGER);
  }
}
