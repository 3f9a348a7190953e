/** A scene that a person arranges: which digit, how large and where, and the clutter around it. */
import {
  composeScene,
  halfSizeOf,
  MAP_SIZE,
  middlePosition,
  SCALES,
  SCENE_SIZE,
  scatterPieces,
} from 'tfjs-convolutions/cli/scenes';
import type { DigitScene, Piece } from 'tfjs-convolutions/cli/scenes';
import type { Dataset } from 'tfjs-convolutions/training';
import type { Axes } from '../messages.js';

export interface Placement {
  readonly digit: number;
  /** Factor on the digit as it came. */
  readonly scale: number;
  /** Middle of the digit [y, x], in pixels. */
  readonly at: Axes;
  readonly pieces: readonly Piece[];
  /** Number of the clutter. */
  readonly seed: number;
  /** Position [row, column] that the person chose; undefined for the one nearest to the middle of the digit. */
  readonly chosen: Axes | undefined;
}

/** A digit of middle size in the middle of the image. */
export function firstPlacement(digits: Dataset, digit: number): Placement {
  const middle = (SCENE_SIZE - 1) / 2;
  const scale = Math.sqrt(SCALES[0] * SCALES[1]);
  const placement = { digit, scale, at: [middle, middle] as const, pieces: [], seed: 0, chosen: undefined };
  return scatter(placement, digits, 0);
}

/** Other clutter. */
export function scatter(placement: Placement, digits: Dataset, seed: number): Placement {
  return { ...placement, seed, pieces: scatterPieces(digits, seed) };
}

/** The digit elsewhere, but inside of the image. */
export function moveTo(placement: Placement, digits: Dataset, [y, x]: Axes): Placement {
  const [halfHeight, halfWidth] = halfSizeOf(digits, placement.digit);
  const inside = (value: number, half: number): number =>
    Math.min(Math.max(value, half * placement.scale - 0.5), SCENE_SIZE - 0.5 - half * placement.scale);
  return { ...placement, at: [inside(y, halfHeight), inside(x, halfWidth)] };
}

/** The digit in another size, as far as the networks know it. */
export function resizeTo(placement: Placement, digits: Dataset, scale: number): Placement {
  const resized = { ...placement, scale: Math.min(Math.max(scale, SCALES[0]), SCALES[1]) };
  return moveTo(resized, digits, placement.at);
}

export function sceneOf({ digit, scale, at, pieces }: Placement, digits: Dataset): DigitScene {
  return composeScene(digits, digit, { scale, at, pieces });
}

/** The position that the person chose, or the one on the digit nearest to its middle. */
export function positionIn({ chosen }: Placement, scene: DigitScene): Axes {
  return chosen ?? middlePosition(scene);
}

/** Another position: the nearest to [row, column] of the map. */
export function choosePosition(placement: Placement, position: Axes): Placement {
  const inside = (value: number): number => Math.min(Math.max(Math.round(value), 0), MAP_SIZE - 1);
  return { ...placement, chosen: [inside(position[0]), inside(position[1])] };
}

/** The position so many rows and columns on. */
export function stepPosition(placement: Placement, digits: Dataset, [rows, columns]: Axes): Placement {
  const [row, column] = positionIn(placement, sceneOf(placement, digits));
  return choosePosition(placement, [row + rows, column + columns]);
}
