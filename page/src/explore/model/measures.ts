/** Cost and receptive field of a network, as numbers to compare and as text. */
import type { Answer } from './question.js';

/** Multiply-adds, those for offsets included. */
export const workOf = ({ macs, offsetMacs }: Answer): number => macs + offsetMacs;

/** Height of the receptive field; 0 if it has no bounds. */
export const fieldOf = ({ fields, global }: Answer): number => (global ? 0 : fields.at(-1)![0]);

export function fieldText({ fields, global, dataDependent }: Answer): string {
  if (global) return 'anywhere';
  return `${fields.at(-1)!.join(' × ')}${dataDependent ? ', moved by offsets' : ''}`;
}
