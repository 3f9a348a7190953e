/** Variants of a network: the conventions of the library whose trained weights it is to compute with. */
import type { Action } from '../errors.js';
import { checkOneOf } from '../errors.js';

/** Libraries whose conventions a network can follow. */
export const VARIANTS = ['keras', 'torchvision', 'timm'] as const;

/**
 * A library whose conventions a network follows.
 *
 * @useDeclaredType
 */
export type NetworkVariant = (typeof VARIANTS)[number];

/** Option of the networks that libraries build differently. */
export interface VariantOptions {
  /**
   * Library whose network, or trunk, this one equals. The layers and their names are the same; what differs is the padding of
   * stride-2 layers (in Keras as much as is needed, at the bottom and the right where it is uneven; in the others the same at both
   * ends), and epsilon and momentum of the normalisations. @default 'keras'
   */
  readonly variant?: NetworkVariant;
}

/** Conventions of one library. */
export interface Conventions {
  readonly epsilon: number;
  readonly momentum: number;
  /** True if stride-2 layers pad both ends alike. */
  readonly evenPadding: boolean;
}

/** Reads the option; returns the conventions of that library, given epsilon and momentum in each. */
export function readVariant(
  action: Action,
  { variant }: VariantOptions,
  normalizations: Readonly<Record<NetworkVariant, Omit<Conventions, 'evenPadding'>>>,
): Conventions & { readonly variant: NetworkVariant } {
  const name = checkOneOf(action, 'variant', variant ?? 'keras', VARIANTS);
  return { variant: name, ...normalizations[name], evenPadding: name !== 'keras' };
}
