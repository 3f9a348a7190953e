/** Explore when its numbers do not arrive: every wait ends with a message and a way out. */
import type { Page } from '@playwright/test';
import { openExplore } from './support/explore_page.js';
import { expect, test } from './support/test.js';

const SMALL = 'plain?height=5&width=5&image=random&preset=random';

const sum = (page: Page) => page.getByRole('region', { name: /^Sum/ });

const computed = async (page: Page): Promise<void> => {
  await expect(sum(page)).toContainText(/Sum (−?\d+); the layer says \1\.$/);
};

test('a lost WebGL context is reported, and wasm takes over', async ({ page, watch }) => {
  watch.expectErrors.push(/WebGL|context/i);
  await openExplore(page, SMALL);
  await computed(page);
  await page.getByRole('button', { name: 'Change backend' }).click();
  await page.getByLabel('Backend').selectOption('webgl');
  await expect(page.locator('.figures dl')).toHaveAttribute('aria-busy', 'false');
  await page
    .workers()
    .at(-1)!
    .evaluate(() => {
      const { _tfengine } = globalThis as unknown as {
        readonly _tfengine: { readonly backendInstance: { readonly gpgpu: { readonly gl: WebGL2RenderingContext } } };
      };
      _tfengine.backendInstance.gpgpu.gl.getExtension('WEBGL_lose_context')!.loseContext();
    });
  await page.getByRole('button', { name: 'New random numbers' }).click();
  await expect(page.getByRole('alert')).toContainText('The backend webgl was lost: the WebGL context is gone.');
  await page.getByRole('button', { name: 'Compute on wasm instead' }).click();
  await expect(page.getByRole('alert')).toHaveCount(0);
  await computed(page);
});

test('a worker that ends without a word is noticed, and another one takes its place', async ({ page }) => {
  await page.addInitScript(() => {
    const { Worker: Original } = globalThis;
    const workers: Worker[] = [];
    class Kept extends Original {
      constructor(...given: ConstructorParameters<typeof Original>) {
        super(...given);
        workers.push(this);
      }
    }
    Object.assign(globalThis, { Worker: Kept, workers });
  });
  await openExplore(page, SMALL);
  await computed(page);
  await page.evaluate(() => {
    for (const worker of (globalThis as unknown as { workers: Worker[] }).workers) worker.terminate();
  });
  await page.getByRole('button', { name: 'New random numbers' }).click();
  await expect(page.getByRole('alert')).toContainText('The numbers could not be computed: the browser ended it');
  await page.getByRole('button', { name: 'Try again' }).click();
  await computed(page);
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('numbers that take long are announced, and still shown when they come', async ({ page }) => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/assets/worker-*.js', async (route) => {
    await held;
    await route.continue();
  });
  await page.clock.install();
  await openExplore(page, SMALL);
  await page.clock.fastForward(21_000);
  await expect(page.getByRole('alert')).toContainText('The numbers are taking unusually long.');
  await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible();
  release();
  await computed(page);
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('a number out of range is kept and explained, and changes nothing', async ({ page }) => {
  await openExplore(page, 'deformable');
  const stride = page.getByLabel('Stride', { exact: true });
  await stride.fill('9');
  await expect(page.getByRole('alert')).toHaveText('Stride: a whole number from 1 to 4. The picture still shows 1.');
  await expect(stride).toHaveAccessibleDescription(/from 1 to 4/);
  await stride.blur();
  await expect(stride).toHaveValue('9');
  await expect(page.getByRole('figure', { name: /^Output/ })).toContainText('7 × 7 × 1');
  await stride.fill('2');
  await expect(page.getByRole('alert')).toHaveCount(0);
  await expect(page.getByRole('figure', { name: /^Output/ })).toContainText('4 × 4 × 1');
  await page.getByLabel('Moved down by').fill('12');
  await expect(page.getByRole('alert')).toHaveText(
    'Moved down by: a number from −8 to 8. The picture still shows 0.5.',
  );
});

test('few presses of Tab lead to the output, and arrow keys through taps and channels', async ({ page }) => {
  await openExplore(page, 'deformable?channels=3&filters=4');
  await expect(
    page
      .getByRole('grid', { name: /^Output/ })
      .getByRole('gridcell')
      .first(),
  ).toHaveAccessibleName(/: /);
  const focused = page.locator(':focus');
  const labels: (string | null)[] = [];
  while (labels.length < 30 && !/^row \d/.test(labels.at(-1) ?? '')) {
    await page.keyboard.press('Tab');
    labels.push(await focused.getAttribute('aria-label'));
  }
  // The kernel comes first among the grids; the products and the output follow.
  for (let press = 0; press < 2; press++) {
    await page.keyboard.press('Tab');
    labels.push(await focused.getAttribute('aria-label'));
  }
  expect(labels.at(-1)).toMatch(/^row 1, column 1:/);
  expect(await focused.evaluate((cell) => cell.closest('svg')!.getAttribute('aria-label'))).toMatch(/^Output/);
  expect(labels.length).toBeLessThan(24);
  await page.getByRole('button', { name: /^Tap in row 2, column 2/ }).focus();
  await page.keyboard.press('PageDown');
  await expect(focused).toHaveAccessibleName(/^Tap in row 2, column 3/);
  await page.getByRole('button', { name: 'Output, channel 1' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(focused).toHaveAccessibleName(/^Output, channel 2/);
  await expect(focused).toHaveAttribute('aria-pressed', 'true');
});
