/** See: what is shown is what the package computes, whichever way the picture comes. */
import * as conv from 'tfjs-convolutions';
import type { Locator, Page } from '@playwright/test';
import { expect, test } from './support/test.js';
import { loadDigit, loadSide, withoutOffsets } from './support/seen.js';

const DIGIT = 3;

interface ShownDot {
  readonly y: number;
  readonly x: number;
  readonly r: number;
}

const figure = (page: Page, name: 'Deformable' | 'Plain'): Locator =>
  page.locator('.see-pair figure').filter({ has: page.getByRole('heading', { name: new RegExp(`^${name}`) }) });

async function dotsOf(panel: Locator): Promise<ShownDot[]> {
  return panel.locator('.see-dots circle').evaluateAll((circles) =>
    circles.map((circle) => ({
      y: Number(circle.getAttribute('cy')),
      x: Number(circle.getAttribute('cx')),
      r: Number(circle.getAttribute('r')),
    })),
  );
}

/** Largest distance between dots and places, in pixels of the image. */
function farthest(dots: readonly ShownDot[], places: readonly conv.SamplingTap[]): number {
  expect(dots).toHaveLength(places.length);
  return Math.max(...places.map(({ y, x }, index) => Math.hypot(y - dots[index]!.y, x - dots[index]!.x)));
}

/** Waits until the pictures show this position. */
async function expectPosition(page: Page, position: string): Promise<void> {
  await expect(figure(page, 'Deformable')).toHaveAttribute('data-position', position);
}

async function open(page: Page): Promise<void> {
  await page.goto('/#see');
  await expect(figure(page, 'Deformable').locator('.see-dots circle')).toHaveCount(9);
}

test('the deformable network reads every shipped digit right', async ({ page }) => {
  await open(page);
  for (let digit = 0; digit < 10; digit++) {
    await page.getByRole('radio', { name: String(digit), exact: true }).check();
    await expect(page.getByText(`The deformable network takes it for ${digit}`)).toBeVisible();
  }
});

test('dots are where the package says and as large as their masks', async ({ page }) => {
  const [model, x] = [await loadSide('deformable'), await loadDigit(DIGIT)];
  await open(page);
  const [layer] = model.layers.filter((candidate) => candidate instanceof conv.DeformableConv2D).slice(-1);
  const { outputSize } = await conv.samplingLocations(model, x, { positions: [[0, 0]] });
  const middle = [Math.floor(outputSize[0] / 2), Math.floor(outputSize[1] / 2)] as const;
  await expectPosition(page, middle.join());
  const { images } = await conv.samplingLocations(model, x, { layer: layer!.name, positions: [middle] });
  const taps = images[0]![0]!.taps;
  const dots = await dotsOf(figure(page, 'Deformable'));
  expect(farthest(dots, taps)).toBeLessThan(0.02);
  // Area goes with the mask.
  const units = taps.map(({ weight }, index) => dots[index]!.r ** 2 / weight);
  for (const unit of units) expect(Math.abs(unit / units[0]! - 1)).toBeLessThan(0.02);
});
