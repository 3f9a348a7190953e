/** Network that another part of the page hands to See. */
import type { EncodedModel } from 'tfjs-convolutions/training';

/** A network and its name for people. */
export interface HandedModel {
  readonly files: EncodedModel;
  readonly name: string;
}

let handed: HandedModel | undefined;

/** Opens See with a network. See keeps it, for later visits too, until the user chooses another one. */
export function showInSee(files: EncodedModel, name: string): void {
  handed = { files, name };
  location.hash = '#see';
}

/** The network that See was handed last; undefined if there is none. */
export function handedModel(): HandedModel | undefined {
  return handed;
}

/** Forgets the network, since the user has chosen another one. */
export function forgetHandedModel(): void {
  handed = undefined;
}
