/** Network that another part of the page hands to See. */
import type { EncodedModel } from 'tfjs-convolutions/training';
import type { OwnModel } from './messages.js';

let handed: OwnModel | undefined;

/** Opens See with a network. See keeps it, for later visits too, until the user chooses another one. */
export function showInSee(files: EncodedModel, name: string): void {
  handed = { contents: { format: 'layers', files }, name };
  location.hash = '#see';
}

/** The network that See was handed last; undefined if there is none. */
export function handedModel(): OwnModel | undefined {
  return handed;
}

/** Forgets the network, since the user has chosen another one. */
export function forgetHandedModel(): void {
  handed = undefined;
}
