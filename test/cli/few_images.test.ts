/** `train` on a few dozen images, in a few steps: what it learns holds in inference, too. */
import fs from 'node:fs';
import sharp from 'sharp';
import { averagesMomentum } from '../../src/cli/averages_momentum.js';
import { temporaryFolder } from '../training/support/temporary_folder.js';
import { startCli } from './support.js';

const inFolder = temporaryFolder();

test('averages forget their initial values in a run of any length', () => {
  expect([1, 5, 20, 44, 1000].map(averagesMomentum)).toEqual([0.01, 0.398, 0.794, 0.9, 0.9]);
  for (const steps of [1, 3, 10, 30, 100, 1000]) expect(averagesMomentum(steps) ** steps).toBeLessThan(0.011);
});

test('red and blue images are told apart after 20 steps, of which it says that they are few', async () => {
  for (const [name, red, blue] of [
    ['red', 200, 40],
    ['blue', 40, 200],
  ] as const) {
    fs.mkdirSync(inFolder('photos', name), { recursive: true });
    for (let index = 0; index < 20; index++) {
      const background = { r: red + 2 * index, g: 40 + 2 * index, b: blue + index };
      const image = sharp({ create: { width: 32, height: 32, channels: 3, background } });
      await image.png().toFile(inFolder('photos', name, `${index}.png`));
    }
  }
  const words = 'train --data photos --epochs 20 --no-plots --no-augmentation --out run'.split(' ');
  const { status, stdout, stderr } = await startCli(words, inFolder()).result;
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('steps    20 in all, which is few: more --epochs or a smaller --batch may learn more\n');
  expect(stdout).toContain('test accuracy 100.00 % (8 of 8)');
});
