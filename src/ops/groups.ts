/** Channel groups: parts of the input channels that feed parts of the output channels. */
import { rangeError, type Action } from '../errors.js';

/** Refuses a number of parts that does not divide a number of channels. */
export function checkDivides(action: Action, name: string, parts: number, of: string, channels: number): void {
  if (channels % parts === 0) return;
  throw rangeError(action, `${name} must divide ${of} (${channels})`, name, parts);
}
