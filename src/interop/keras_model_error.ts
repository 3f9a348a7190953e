/** The error that lists the layers of a model that the other library cannot compute. */
import { oneLine } from '../errors.js';

/** A layer that the other library cannot compute. */
export interface KerasProblem {
  /** Its name, with those of the nested models around it: `head/scores`. */
  readonly layer: string;
  readonly className: string;
  readonly reason: string;
}

/** A model with layers that the other library cannot compute. The message names the first of them, `problems` has all. */
export class KerasModelError extends Error {
  override readonly name = 'KerasModelError';
  readonly problems: readonly KerasProblem[];

  constructor(action: string, rule: string, problems: readonly KerasProblem[], file: string) {
    const listed = problems.slice(0, MOST_SHOWN).map(({ layer, className, reason }) => {
      const text = `'${layer}' (${className}): ${reason}`;
      return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
    });
    const rest = problems.length > MOST_SHOWN ? `; and ${problems.length - MOST_SHOWN} more` : '';
    super(oneLine(`Cannot ${action}: ${rule} (${listed.join('; ')}${rest}), received file = '${file}'`));
    this.problems = problems;
  }
}

const MOST_SHOWN = 20;
const LONGEST = 300;
