/** The drawn scenes that examples train on: repeatable, and their masks and boxes say the same. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadSegmentation } from 'tfjs-convolutions/training';
import { drawScenes, SCENE_CLASSES, type SceneObject } from '../../examples/data/drawn_scenes.js';
import { writeScenes } from '../../examples/data/write_scenes.js';

const scenes = drawScenes({ count: 40, size: 33, seed: 7 });
const all = scenes.objects.flat();

/** Labels inside a box of a scene, row by row. */
function crop(index: number, { y1, x1, y2, x2 }: SceneObject): number[][] {
  const { size, masks } = scenes;
  return Array.from({ length: y2 - y1 }, (_, row) => {
    const start = (index * size + y1 + row) * size;
    return Array.from(masks.subarray(start + x1, start + x2));
  });
}

test('drawScenes() draws the same scenes for a seed, in whatever number, and others for another', () => {
  const again = drawScenes({ count: 3, size: 33, seed: 7 });
  expect(again.images).toEqual(scenes.images.subarray(0, again.images.length));
  expect(again.objects).toEqual(scenes.objects.slice(0, 3));
  expect(drawScenes({ count: 3, size: 33, seed: 8 }).objects).not.toEqual(again.objects);
});

test('drawScenes() draws one to three shapes of every kind, colours from −1 to 1', () => {
  expect(new Set(scenes.objects.map(({ length }) => length))).toEqual(new Set([1, 2, 3]));
  expect([...new Set(all.map(({ label }) => SCENE_CLASSES[label]))].sort()).toEqual(['disc', 'square', 'triangle']);
  expect(scenes.images.every((value) => value >= -1 && value <= 1)).toBe(true);
  const one = drawScenes({ count: 10, size: 33, seed: 7, objectsPerImage: [1, 1] });
  expect(one.objects.map(({ length }) => length)).toEqual(Array(10).fill(1));
});

test('drawScenes() gives each shape the smallest box around its pixels, and no pixel is outside the boxes', () => {
  let inside = 0;
  scenes.objects.forEach((objects, index) => {
    for (const object of objects) {
      const rows = crop(index, object);
      const own = rows.map((row) => row.map((label) => label === object.label));
      const columns = own[0]!.map((_, x) => own.map((row) => row[x]!));
      // The first and the last row and column have pixels of the shape.
      for (const edge of [own[0]!, own.at(-1)!, columns[0]!, columns.at(-1)!]) expect(edge).toContain(true);
    }
    const covered = new Set(
      objects.flatMap(({ y1, x1, y2, x2 }) =>
        Array.from({ length: (y2 - y1) * (x2 - x1) }, (_, i) => {
          const [y, x] = [y1 + Math.floor(i / (x2 - x1)), x1 + (i % (x2 - x1))];
          return (index * scenes.size + y) * scenes.size + x;
        }).filter((pixel) => scenes.masks[pixel]! > 0),
      ),
    );
    inside += covered.size;
  });
  expect(inside).toBe(scenes.masks.filter((label) => label > 0).length);
});

test('drawScenes() draws shapes of the areas of discs with the radius that is asked for', () => {
  const { size, masks, objects } = drawScenes({
    count: 12,
    size: 48,
    seed: 1,
    objectsPerImage: [1, 1],
    radius: [0.15, 0.15],
  });
  const disc = Math.PI * (0.15 * size) ** 2;
  objects.forEach(([object], index) => {
    const area = masks.subarray(index * size * size, (index + 1) * size * size).filter((label) => label > 0).length;
    expect(Math.abs(area / disc - 1)).toBeLessThan(0.1);
    expect(SCENE_CLASSES[object!.label]).toBeDefined();
  });
});

test('writeScenes() writes folders that loadSegmentation() reads, with the same masks', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'scenes_'));
  try {
    await writeScenes(folder, { count: 5, size: 24, seed: 3 });
    const { train, test: held } = await loadSegmentation(folder, { size: 24 });
    expect([train.labels.length, held.labels.length, train.classNames]).toEqual([4, 1, SCENE_CLASSES]);
    const options = {
      count: 5,
      size: 24,
      seed: 3,
      objectsPerImage: [1, 2],
      radius: [0.16, 0.26],
      noise: 0.05,
    } as const;
    const drawn = drawScenes(options);
    const masks = [train, held].flatMap(({ masks: { values } = { values: new Uint8Array() } }) =>
      Array.from({ length: values.length / 576 }, (_, at) => values.subarray(576 * at, 576 * (at + 1)).join()),
    );
    const wanted = Array.from({ length: 5 }, (_, at) => drawn.masks.subarray(576 * at, 576 * (at + 1)).join());
    expect(masks.sort()).toEqual(wanted.sort());
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});
