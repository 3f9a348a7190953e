/** See: scenes that a person arranges, and what the package computes of the same scenes in Node on plain JavaScript. */
import * as tf from '@tensorflow/tfjs';
import { GROUND, namesOf, SCALES } from '../../src/cli/scenes/digit_scenes.js';
import { accessibilityFaults } from './support/accessibility.js';
import {
  dotsOf,
  farthest,
  figure,
  live,
  openSee,
  placementOf,
  positionOf,
  screenOf,
  type Position,
} from './support/see_page.js';
import { drawnScene, loadNetwork, readIndex, samplesOf, sceneInput } from './support/seen.js';
import { SCHEMES, SIZES } from './support/sizes.js';
import { expect, test } from './support/test.js';
import type { Page } from '@playwright/test';

/** What See starts with. */
const DIGIT = 8;

/** Waits until the dots are where the package finds them in the scene that is shown. */
async function expectFollowed(page: Page, network: 'deformable' | 'boxes' = 'deformable', seed = 0): Promise<void> {
  const placement = await placementOf(page);
  const [found] = await samplesOf(network, await drawnScene(DIGIT, { ...placement, seed }), [await positionOf(page)]);
  await expect.poll(async () => farthest(await dotsOf(live(page)), found!.taps)).toBeLessThan(0.05);
  await expect(live(page).locator('figcaption')).toHaveText(`Spread ${found!.spread.toFixed(1)} px`);
}

test('samples are where the package finds them, while the digit is dragged, resized and replaced', async ({ page }) => {
  await openSee(page);
  await expectFollowed(page);
  const start = await placementOf(page);
  const before = await live(page).getAttribute('data-tensors');
  const toScreen = await screenOf(page);
  const drag = async (from: Position, to: Position): Promise<void> => {
    await page.mouse.move(toScreen(from).x, toScreen(from).y);
    await page.mouse.down();
    await page.mouse.move(toScreen(to).x, toScreen(to).y, { steps: 8 });
    await page.mouse.up();
  };
  await drag(start.at, [start.at[0] - 6, start.at[1] + 9]);
  const moved = await placementOf(page);
  expect(moved.at[0]).toBeCloseTo(start.at[0] - 6, 0);
  expect(moved.at[1]).toBeCloseTo(start.at[1] + 9, 0);
  expect(moved.scale).toBe(start.scale);
  await expectFollowed(page);

  // The corner at twice the distance from the middle doubles the size, which the edge of the image moves inwards.
  const corner = (await page.locator('.see-corner circle').last().boundingBox())!;
  const middle = toScreen(moved.at);
  const grip = { x: corner.x + corner.width / 2, y: corner.y + corner.height / 2 };
  await page.mouse.move(grip.x, grip.y);
  await page.mouse.down();
  await page.mouse.move(2 * grip.x - middle.x, 2 * grip.y - middle.y, { steps: 5 });
  await page.mouse.up();
  expect((await placementOf(page)).scale).toBeCloseTo(2 * start.scale, 1);
  await expectFollowed(page);

  const large = await placementOf(page);
  await page.mouse.move(toScreen(large.at).x, toScreen(large.at).y);
  for (let turn = 0; turn < 4; turn++) await page.mouse.wheel(0, 200);
  await expect.poll(async () => (await placementOf(page)).scale).toBeCloseTo(large.scale * Math.exp(-1.2), 3);
  await expectFollowed(page);

  await page.getByRole('button', { name: 'Other clutter' }).click();
  await expectFollowed(page, 'deformable', 1);
  await page.getByLabel('The network moves').selectOption('rectangles of nine');
  await expectFollowed(page, 'boxes', 1);
  const dots = await dotsOf(live(page));
  // A rectangle has three rows and three columns.
  for (const axis of ['y', 'x'] as const) {
    expect(new Set(dots.map((dot) => dot[axis].toFixed(2))).size).toBe(3);
  }
  expect(await live(page).getAttribute('data-tensors')).toBe(before);
});

test('keys move and resize the digit, and choose a position', async ({ page }) => {
  await openSee(page);
  const start = await placementOf(page);
  const digit = page.getByRole('application', { name: /^The digit 8, 0\.80 times its size/ });
  await digit.focus();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Shift+ArrowLeft');
  await expect.poll(async () => (await placementOf(page)).at).toEqual([start.at[0] - 1, start.at[1] - 5]);
  for (let press = 0; press < 12; press++) await page.keyboard.press('+');
  await expect.poll(async () => (await placementOf(page)).scale).toBe(SCALES[1]);
  for (let press = 0; press < 30; press++) await page.keyboard.press('-');
  await expect.poll(async () => (await placementOf(page)).scale).toBe(SCALES[0]);
  await expectFollowed(page);
  await expect(page.locator('[aria-live=polite]')).toHaveText(/^Size 0\.40: spread \d\.\d px, plain 4\.6 px\.$/);

  const [row, column] = await positionOf(page);
  await page.getByRole('application', { name: /^Position: row / }).press('ArrowDown');
  await expect.poll(() => positionOf(page)).toEqual([row + 1, column]);
  await expectFollowed(page);
  const toScreen = await screenOf(page);
  await page.mouse.click(toScreen([40, 6]).x, toScreen([40, 6]).y);
  await expect.poll(() => positionOf(page)).toEqual([20, 3]);
  await expectFollowed(page);
  await page.getByRole('button', { name: 'Position in the middle' }).click();
  await expect.poll(() => positionOf(page)).toEqual([row, column]);
});

test.describe('with fingers', () => {
  test.use({ hasTouch: true, viewport: SIZES.phone });

  test('one drags the digit, two resize it, and the page stays', async ({ page }) => {
    await openSee(page);
    const toScreen = await screenOf(page);
    const start = await placementOf(page);
    const scrolled = await page.evaluate(() => scrollY);
    const devtools = await page.context().newCDPSession(page);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...at: Position[]): Promise<unknown> =>
      devtools.send('Input.dispatchTouchEvent', { type, touchPoints: at.map((one, id) => ({ ...toScreen(one), id })) });
    const [y, x] = start.at;
    await touch('touchStart', start.at);
    for (const step of [1, 2, 3, 4, 5]) await touch('touchMove', [y + step, x - step]);
    await touch('touchEnd');
    await expect.poll(async () => Math.round((await placementOf(page)).at[0] - y)).toBe(5);
    expect(Math.round((await placementOf(page)).at[1] - x)).toBe(-5);
    await touch('touchStart', [y + 5, x - 5]);
    await touch('touchStart', [y + 5, x - 5], [y + 5, x + 3]);
    for (const step of [2, 4, 6, 8]) await touch('touchMove', [y + 5, x - 5], [y + 5, x + 3 + step]);
    await touch('touchEnd');
    await expect.poll(async () => (await placementOf(page)).scale).toBeCloseTo(SCALES[1], 1);
    expect(await page.evaluate(() => scrollY)).toBe(scrolled);
    await expectFollowed(page);
  });
});

test('arrows are the mean offsets of all positions', async ({ page }) => {
  await openSee(page);
  await page.getByLabel('arrows of all positions').check();
  const positions = Array.from({ length: 576 }, (_, at): Position => [Math.floor(at / 24), at % 24]);
  const found = await samplesOf('deformable', await drawnScene(DIGIT, await placementOf(page)), positions);
  const path = await live(page).locator('.see-arrows path').last().getAttribute('d');
  const arrows = new Map(
    [...path!.matchAll(/M(\S+) (\S+)(?:h0\.01|L(\S+?) (\S+?)M[^M]+M[^M]+)(?=M|$)/g)].map(
      ([, x, y, toX = x, toY = y]) => [`${Number(x)} ${Number(y)}`, [Number(toX), Number(toY)] as const],
    ),
  );
  expect(arrows.size).toBe(576);
  for (const { center, taps } of found) {
    const mean = (axis: 'y' | 'x'): number => taps.reduce((sum, tap) => sum + tap[axis], 0) / 9;
    const [x, y] = arrows.get(`${center.x} ${center.y}`)!;
    // A very short one is a dot.
    expect(Math.hypot(x - mean('x'), y - mean('y'))).toBeLessThan(0.06);
  }
});

test('each network names as many positions right as in Node, beside its figures of the test', async ({ page }) => {
  await openSee(page);
  const scene = await drawnScene(DIGIT, await placementOf(page));
  const truth = namesOf(scene);
  const { networks, testScenes } = readIndex();
  for (const name of ['deformable', 'plain', 'wide', 'deeper'] as const) {
    const model = await loadNetwork(name);
    const named = await tf.argMax(model.predict(sceneInput(scene)) as tf.Tensor, -1).data();
    const hits = truth.reduce((sum, digit, at) => sum + Number(digit !== GROUND && named[at] === digit), 0);
    const panel = page.locator(`figure[data-network=${name}]`);
    const onDigit = truth.filter((digit) => digit !== GROUND).length;
    // Rounding on the other backend may turn a tie.
    await expect
      .poll(async () => Math.abs(Number(await panel.getAttribute('data-hits')) - hits))
      .toBeLessThanOrEqual(1);
    await expect(panel.locator('figcaption')).toContainText(`${(100 * networks[name].right).toFixed(1)} % right`);
    await expect(panel.locator('figcaption')).toContainText(` of ${onDigit}.`);
  }
  const { correlation, points } = networks.deformable;
  await expect(page.getByRole('heading', { name: `Spread in ${testScenes} test scenes` })).toContainText(
    `r = ${correlation.toFixed(2)}`,
  );
  await expect(page.locator('.see-point')).toHaveCount(points.length);
  const ring = page.locator('.see-current');
  const before = Number(await ring.getAttribute('cx'));
  await page.getByRole('slider', { name: /^Size/ }).fill('1.4');
  await expect(ring).toHaveAttribute('data-size', '1.4');
  expect(Number(await ring.getAttribute('cx'))).toBeGreaterThan(before + 50);
});

for (const backend of ['webgl', 'webgpu']) {
  test(`the same samples are shown [${backend}]`, async ({ page }) => {
    await openSee(page);
    await page.getByLabel('Backend').selectOption(backend);
    await expect(page.getByRole('status').filter({ hasText: 'Ready.' })).toBeAttached({ timeout: 60_000 });
    await expect(page.getByLabel('Backend')).toHaveValue(backend);
    // Only the new worker answers this.
    const start = await placementOf(page);
    await page.getByRole('application', { name: /^The digit/ }).press('ArrowUp');
    await expect.poll(async () => (await placementOf(page)).at[0]).toBe(start.at[0] - 1);
    await expectFollowed(page);
  });
}

for (const [name, viewport] of Object.entries(SIZES)) {
  test(`the scene looks as approved on a ${name}, and axe finds no fault, light and dark`, async ({ page }) => {
    await page.setViewportSize(viewport);
    await openSee(page);
    await expect(figure(page, 'Plain, deeper').locator('image')).toHaveCount(2);
    await expect(page).toHaveScreenshot(`see-scene-${name}.png`, { fullPage: true });
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      expect(await accessibilityFaults(page)).toEqual([]);
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width);
  });
}
