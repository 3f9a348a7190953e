/**
 * Drawn scenes with their exact masks and boxes: discs, squares and triangles of any colour, size and rotation on a
 * patterned, noisy ground. All three have colours and areas of the same range, so only its outline tells a shape from
 * another: a network that looks at single pixels cannot.
 */
import { Random } from 'tfjs-convolutions/training';

/** Names of the labels 0, 1, 2 and 3. */
export const SCENE_CLASSES = ['ground', 'disc', 'square', 'triangle'] as const;

/** Options of {@link drawScenes}. */
export interface SceneOptions {
  readonly count: number;
  /** Height and width in pixels. */
  readonly size: number;
  /** Scenes of one seed are always the same, and those of two seeds have nothing in common. */
  readonly seed: number;
  /** Fewest and most shapes of a scene; where there is no place left, there are fewer. @default [1, 3] */
  readonly objectsPerImage?: readonly [number, number];
  /** Smallest and largest radius of a disc, as a part of `size`; the others have its area. @default [0.1, 0.2] */
  readonly radius?: readonly [number, number];
  /** Standard deviation of each pixel's noise, where colours are from −1 to 1. @default 0.1 */
  readonly noise?: number;
}

/** One shape: the edges of its pixels (y2 and x2 are those behind the last row and column), and its label. */
export interface SceneObject {
  readonly y1: number;
  readonly x1: number;
  readonly y2: number;
  readonly x2: number;
  readonly label: number;
}

/** Result of {@link drawScenes}. */
export interface Scenes {
  readonly count: number;
  readonly size: number;
  /** [count, size, size, 3], red, green and blue from −1 to 1. */
  readonly images: Float32Array;
  /** [count, size, size], the label of every pixel. */
  readonly masks: Int32Array;
  /** The shapes of each scene; they do not touch each other. */
  readonly objects: readonly (readonly SceneObject[])[];
}

type Colour = readonly [number, number, number];

/** A shape of unit area around the origin. */
interface Shape {
  /** Distance of (y, x) from its outline, negative inside. */
  readonly distance: (y: number, x: number) => number;
  /** Radius of the circle around it. */
  readonly reach: number;
}

interface Placed {
  readonly shape: Shape;
  readonly label: number;
  readonly colour: Colour;
  readonly y: number;
  readonly x: number;
  /** Pixels for one unit of the shape. */
  readonly scale: number;
  readonly angle: number;
}

/** Radius of the disc of area 1. */
const UNIT_RADIUS = Math.sqrt(1 / Math.PI);
/** Distance of the sides from the centre, in the equilateral triangle of area 1. */
const TRIANGLE_SIDE = 1 / Math.sqrt(3 * Math.sqrt(3));

/** In the order of the labels from 1. */
const SHAPES: readonly Shape[] = [
  { distance: (y, x) => Math.hypot(y, x) - UNIT_RADIUS, reach: UNIT_RADIUS },
  { distance: (y, x) => Math.max(Math.abs(y), Math.abs(x)) - 0.5, reach: Math.SQRT1_2 },
  {
    distance: (y, x) => Math.max(y, (Math.sqrt(3) * Math.abs(x) - y) / 2) - TRIANGLE_SIDE,
    reach: 2 * TRIANGLE_SIDE,
  },
];

/** Tries to find a free place for one shape. */
const TRIES = 20;
/** Least distance between the colours of a shape and of the ground, so that every shape can be seen. */
const CONTRAST = 0.8;
/** How far the pattern of the ground goes up and down. */
const PATTERN = 0.25;

/**
 * Draws scenes.
 *
 * @param options how many, how large, and which; see {@link SceneOptions}
 * @returns images, the label of every pixel, and the box and label of every shape
 */
export function drawScenes(options: SceneOptions): Scenes {
  const { count, size } = options;
  const images = new Float32Array(count * size * size * 3);
  const masks = new Int32Array(count * size * size);
  const objects = Array.from({ length: count }, (_, index) => {
    const [first, last] = [index * size * size, (index + 1) * size * size];
    const random = new Random(options.seed, 'augmentation', index);
    return drawScene(random, options, images.subarray(3 * first, 3 * last), masks.subarray(first, last));
  });
  return { count, size, images, masks, objects };
}

function drawScene(random: Random, options: SceneOptions, image: Float32Array, mask: Int32Array): SceneObject[] {
  const { size, objectsPerImage: [fewest, most] = [1, 3], noise = 0.1 } = options;
  const ground = drawColour(random);
  drawGround(random, ground, size, image);
  const placed: Placed[] = [];
  for (let left = fewest + random.below(most - fewest + 1); left > 0; left--) {
    const next = place(random, ground, placed, options);
    if (next !== undefined) placed.push(next);
  }
  const objects = placed.map((object) => drawObject(object, size, image, mask));
  for (let i = 0; i < image.length; i++) {
    image[i] = Math.min(Math.max(image[i]! + noise * drawNormal(random), -1), 1);
  }
  return objects;
}

function drawColour(random: Random): Colour {
  return [random.between(-0.9, 0.9), random.between(-0.9, 0.9), random.between(-0.9, 0.9)];
}

/** Two waves of any direction and colour, from half a period to five in the image. */
function drawGround(random: Random, ground: Colour, size: number, image: Float32Array): void {
  const waves = [0, 1].map(() => {
    const direction = random.between(0, Math.PI);
    const frequency = (2 * Math.PI * random.between(0.5, 5)) / size;
    return {
      y: frequency * Math.sin(direction),
      x: frequency * Math.cos(direction),
      phase: random.between(0, 2 * Math.PI),
      colour: drawColour(random).map((value) => PATTERN * value),
    };
  });
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const heights = waves.map((wave) => Math.sin(wave.y * y + wave.x * x + wave.phase));
      for (let c = 0; c < 3; c++) {
        image[3 * (y * size + x) + c] =
          ground[c]! + heights[0]! * waves[0]!.colour[c]! + heights[1]! * waves[1]!.colour[c]!;
      }
    }
  }
}

/** A shape that lies inside the image and touches no other one; undefined where no place was found. */
function place(
  random: Random,
  ground: Colour,
  placed: readonly Placed[],
  { size, radius: [smallest, largest] = [0.1, 0.2] }: SceneOptions,
): Placed | undefined {
  const label = 1 + random.below(SHAPES.length);
  const shape = SHAPES[label - 1]!;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const scale = (size * random.between(smallest, largest)) / UNIT_RADIUS;
    const margin = scale * shape.reach;
    const [y, x] = [random.between(margin, size - margin), random.between(margin, size - margin)];
    const colour = drawColour(random);
    const angle = random.between(0, 2 * Math.PI);
    const isFree = placed.every(
      (other) => Math.hypot(y - other.y, x - other.x) > margin + other.scale * other.shape.reach + 1,
    );
    const contrast = Math.hypot(...colour.map((value, c) => value - ground[c]!));
    if (isFree && margin < size / 2 && contrast >= CONTRAST) return { shape, label, colour, y, x, scale, angle };
  }
  return undefined;
}

/** Draws one shape, whose outline covers the pixels under it in part. */
function drawObject(object: Placed, size: number, image: Float32Array, mask: Int32Array): SceneObject {
  const { shape, label, colour, scale } = object;
  const [sin, cos] = [Math.sin(object.angle), Math.cos(object.angle)];
  let [y1, x1, y2, x2] = [size, size, 0, 0];
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      // From the middle of the pixel.
      const [dy, dx] = [(y + 0.5 - object.y) / scale, (x + 0.5 - object.x) / scale];
      const distance = scale * shape.distance(cos * dy - sin * dx, sin * dy + cos * dx);
      const cover = Math.min(Math.max(0.5 - distance, 0), 1);
      const pixel = y * size + x;
      for (let c = 0; c < 3; c++) {
        image[3 * pixel + c] = image[3 * pixel + c]! * (1 - cover) + colour[c]! * cover;
      }
      if (distance >= 0) continue;
      mask[pixel] = label;
      [y1, x1] = [Math.min(y1, y), Math.min(x1, x)];
      [y2, x2] = [Math.max(y2, y + 1), Math.max(x2, x + 1)];
    }
  }
  return { y1, x1, y2, x2, label };
}

/** A number of the normal distribution, by Box and Muller. */
function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
}
