/** Messages between the page and its worker on scenes of digits: plain data. */
import type { Arrow, Axes, Location } from '../messages.js';

/** Networks whose samples move: nine of their own each, or rectangles of nine. */
export const FOLLOWERS = ['deformable', 'boxes'] as const;

export type Follower = (typeof FOLLOWERS)[number];

/** Networks to compare the first with, by the reason why they are compared. */
export const CONTROLS = ['plain', 'wide', 'deeper'] as const;

export type SceneNetwork = Follower | (typeof CONTROLS)[number];

/** Figures of a network on the test scenes. Fractions are of the positions on digits. */
export interface Reached {
  readonly parameters: number;
  /** Fraction of positions that are named right. */
  readonly right: number;
  /** The same of the smallest third of the digits, the middle one and the largest. */
  readonly rightBySize: readonly number[];
}

/** Figures of the samples of a network on the test scenes, at the position nearest to the middle of each digit. */
export interface Followed extends Reached {
  /** Correlation of the size of the digits and the spread of the samples. */
  readonly correlation: number;
  /** Mean spread on the smallest tenth of the digits and on the largest, in pixels. */
  readonly spread: Axes;
  /** Fraction of the samples on ink of the digit. */
  readonly onInk: number;
  /** The same of a square grid around the same position with the same spread. */
  readonly controlOnInk: number;
  /** The same of the plain grid at the same position. */
  readonly plainOnInk: number;
  /** [size, spread in pixels] of single scenes. */
  readonly points: readonly Axes[];
}

/** Index that make_models.ts writes next to the models. */
export interface SceneIndex {
  readonly testScenes: number;
  /** Names of the digits, which are images as well. */
  readonly digits: readonly string[];
  readonly networks: Readonly<Record<Follower, Followed>> & Readonly<Record<SceneNetwork, Reached>>;
}

export interface SceneQuestion {
  /** Pixels from 0 to 255, row by row. */
  readonly values: Float32Array;
  readonly network: Follower;
  /** Position of the map. */
  readonly position: Axes;
  /** True to find the offsets of all positions too. */
  readonly isWhole: boolean;
}

export interface SceneSamples {
  readonly network: Follower;
  readonly position: Axes;
  readonly center: Location;
  readonly taps: readonly Location[];
  /** Root mean square distance of the samples from their mean, in pixels. */
  readonly spread: number;
  /** Samples of the same kernel without offsets. */
  readonly grid: readonly Location[];
  readonly gridSpread: number;
  /** Of all positions, if they were asked for. */
  readonly arrows: readonly Arrow[] | undefined;
  /** Number of tensors in the worker afterwards, which must not grow. */
  readonly tensors: number;
}

/** The class of every position of the map, row by row, as each network names it. */
export type SceneMaps = Readonly<Record<SceneNetwork, Uint8Array>>;
