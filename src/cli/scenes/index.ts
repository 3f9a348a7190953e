/** The part of scenes that needs no file system, for the page. */
export { convexHull } from '../../plots/convex_hull.js';
export {
  composeScene,
  GROUND,
  halfSizeOf,
  MAP_SIZE,
  middlePosition,
  namesOf,
  SCALES,
  SCENE_SIZE,
  sceneBytes,
  scatterPieces,
  type DigitScene,
  type Piece,
} from './digit_scenes.js';
