/** Networks that the page ships: the figures beside them are theirs. */
import fs from 'node:fs';
import path from 'node:path';
import '../src/index.js';
import { startBackend } from '../src/cli/backend.js';
import { inkShare } from '../src/cli/scenes/ink_share.js';
import { loadTestScenes, toDataset } from '../src/cli/scenes/load_digit_scenes.js';
import { namedRight, spreadFigures } from '../src/cli/scenes/scene_figures.js';
import { SCENE_NETWORKS } from '../src/cli/scenes/scene_network.js';
import { loadModel } from '../src/training/model_files.js';

const FOLDER = path.resolve(__dirname, '../page/public/models');

interface Figures {
  readonly parameters: number;
  readonly right: number;
  readonly rightBySize: readonly number[];
  readonly correlation?: number;
  readonly spread?: readonly number[];
  readonly onInk?: number;
}

const index = JSON.parse(fs.readFileSync(path.join(FOLDER, 'index.json'), 'utf8')) as {
  readonly testScenes: number;
  readonly networks: Readonly<Record<string, Figures>>;
};

beforeAll(() => startBackend('wasm', 1));

test.each(SCENE_NETWORKS)('the figures of %s are measured', async (name) => {
  const { scenes } = await loadTestScenes(index.testScenes);
  const model = await loadModel(path.join(FOLDER, name));
  const figures = index.networks[name]!;
  expect(model.countParams()).toBe(figures.parameters);
  expect(await namedRight(model, toDataset(scenes))).toBeCloseTo(figures.right, 3);
  expect(figures.rightBySize.reduce((sum, right) => sum + right, 0) / 3).toBeCloseTo(figures.right, 1);
  if (figures.correlation === undefined) return;
  const { correlation, least, most } = await spreadFigures(model, scenes);
  expect(correlation).toBeCloseTo(figures.correlation, 3);
  expect([least, most].map((spread) => spread.toFixed(2))).toEqual(figures.spread!.map((spread) => spread.toFixed(2)));
  expect((await inkShare(model, scenes)).samples).toBeCloseTo(figures.onInk!, 2);
});
