/** Channel groups: each part of the input channels feeds one part of the output channels. */
import { rangeError, type Action } from '../errors.js';

/** Throws unless the number of parts divides the number of channels. */
export function checkDivides(action: Action, name: string, parts: number, of: string, channels: number): void {
  if (channels % parts === 0) return;
  throw rangeError(action, `${name} must divide ${of} (${channels})`, name, parts);
}
