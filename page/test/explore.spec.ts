/** Explore: what a person sees of each convolution, and that it is what the survey of convolutions says. */
import type { Page } from '@playwright/test';
import { accessibilityFaults } from './support/accessibility.js';
import { known, middleOf, numbersIn, openExplore, outputOf } from './support/explore_page.js';
import { SIZES } from './support/sizes.js';
import { expect, test } from './support/test.js';

/** A figure by its name. */
const figure = (page: Page, name: string) =>
  page.locator('.figure', { has: page.getByText(name, { exact: true }) }).locator('.value');

/** The drawing of a map or a kernel. */
const picture = (page: Page, start: 'Input' | 'Kernel') => page.locator(`svg[aria-label^="${start}"]`);

async function outputsOf(page: Page): Promise<number[]> {
  await known(page);
  return numbersIn(outputOf(page));
}

const sum = (page: Page) => page.getByRole('region', { name: /^Sum/ });

const example = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

/** The survey's example of the output size: 3 × 3 × 2. */
const SURVEYED =
  'plain?height=7&width=7&channels=3&filters=2&stride=2&padding=amount&dilation=2&image=random&preset=random';

/** The survey's examples: output size, parameters, multiply-adds and receptive field. */
const SURVEY = [
  {
    name: 'plain',
    example: '(7, 7, 3), stride 2, padding 1, dilation 2 → (3, 3, 2)',
    figures: ['3 × 3 × 2', '54', '486', '5 × 5'],
  },
  {
    name: 'dilated',
    example: 'dilations 1, 2, 4: receptive field 3, 7, 15',
    figures: ['1 × 1 × 1', '27', '2,259', '3 × 3 → 7 × 7 → 15 × 15'],
  },
  { name: 'transposed', example: 'I = 4, K = 3, s = 1, p = 0 → 6', figures: ['6 × 6 × 1', '9', '144', '3 × 3'] },
  { name: 'depthwise', example: '8×8×3 with 3 kernels 3×3', figures: ['6 × 6 × 3', '27', '972', '3 × 3'] },
  { name: 'pointwise', example: '6 channels → 2', figures: ['5 × 5 × 2', '12', '300', '1 × 1'] },
  {
    name: 'depthwise-separable',
    example: 'cost over plain = 1/8 + 1/9',
    figures: ['5 × 5 × 8', '51', '1,275', '3 × 3'],
  },
  {
    name: 'spatially-separable',
    example: 'Sobel = [1 2 1]ᵀ · [−1 0 1]: 6 multiplications, not 9',
    figures: ['5 × 5 × 1', '6', '180', '3 × 3'],
  },
  {
    name: 'grouped',
    example: '6 → 6 channels in 3 groups: a third of the cost',
    figures: ['3 × 3 × 6', '108', '972', '3 × 3'],
  },
  { name: 'deformable', example: 'scale', figures: ['7 × 7 × 1', '279', '441 + 11,907 for the offsets', '3 × 3'] },
  { name: 'roi-pooling', example: 'a small box', figures: ['3 × 3 × 1', '180', '162 for the offsets', 'anywhere'] },
] as const;

// In four tests, which run side by side and start TensorFlow.js once each.
for (const some of [SURVEY.slice(0, 3), SURVEY.slice(3, 6), SURVEY.slice(6, 8), SURVEY.slice(8)]) {
  const names = some.map(({ name }) => name);
  test(`${names.join(', ')}: the survey's figures, both sizes, no fault that axe knows`, async ({ page }) => {
    for (const { name, example: label, figures } of some) {
      await test.step(name, async () => {
        await page.emulateMedia({ colorScheme: 'light' });
        await page.setViewportSize(SIZES.desktop);
        await openExplore(page, name);
        await example(page, label);
        for (const [index, title] of ['Output size', 'Parameters', 'Multiply-adds', 'Receptive field'].entries()) {
          await expect(figure(page, title)).toHaveText(figures[index]!);
        }
        expect(await accessibilityFaults(page)).toEqual([]);
        await expect(sum(page).last()).toContainText(
          /Sum (\(of unrounded numbers\) )?(−?[\d.]+); the layer says \2\.$/,
        );
        // The same page in other colours, and narrower.
        await page.emulateMedia({ colorScheme: 'dark' });
        await page.setViewportSize(SIZES.phone);
        expect(await accessibilityFaults(page, ['color-contrast'])).toEqual([]);
        for (const { width, height } of Object.values(SIZES)) {
          await page.setViewportSize({ width, height });
          expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
        }
      });
    }
  });
}

test('the other examples of the survey', async ({ page }) => {
  await openExplore(page, 'plain');
  await example(page, '(7, 7, 1), 4 kernels → (5, 5, 4)');
  await expect(figure(page, 'Output size')).toHaveText('5 × 5 × 4');
  await example(page, '3 → 4 channels: 12 kernels');
  await expect(figure(page, 'Parameters')).toHaveText(String(12 * 9));
  await example(page, 'one kernel with bias: 10 parameters');
  await expect(figure(page, 'Parameters')).toHaveText('10');
  await page.getByRole('link', { name: 'Dilated' }).click();
  await example(page, 'dilations 1, 2: a 7×7 view of 18 weights, not 49');
  await expect(figure(page, 'Parameters')).toHaveText('18');
  await expect(page.getByText('0.367 × a plain 7×7 kernel, which sees as far (49)')).toBeVisible();
  await page.getByRole('link', { name: 'Depthwise separable' }).click();
  await expect(page.getByText(`${(1 / 8 + 1 / 9).toFixed(3)} × a plain 3×3 convolution (216)`)).toBeVisible();
});

test('size and reads are there before TensorFlow.js, and figures follow', async ({ page }) => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/assets/worker-*.js', async (route) => {
    await held;
    await route.continue();
  });
  await openExplore(page, SURVEYED);
  await expect(figure(page, 'Output size')).toHaveText('3 × 3 × 2');
  await expect(figure(page, 'Parameters')).toHaveText('…');
  await outputOf(page).getByRole('gridcell', { name: 'row 2, column 2' }).click();
  await expect(picture(page, 'Input')).toHaveAccessibleName(
    /^Input, channel 1 of 3.* reads 9 of its cells \(row, column\): 2, 2; 2, 4; 2, 6; 4, 2; 4, 4; 4, 6; 6, 2; 6, 4; 6, 6\.$/,
  );
  release();
  await expect(figure(page, 'Parameters')).toHaveText('54');
});

test('an engine that does not start is told, and the picture goes on', async ({ page, watch }) => {
  watch.expectErrors.push(/Failed to load resource|net::ERR/);
  await page.route('**/assets/worker-*.js', (route) => route.abort());
  await openExplore(page, 'plain');
  await expect(page.getByRole('alert')).toContainText('did not load');
  await page.getByLabel('Stride', { exact: true }).fill('2');
  await expect(figure(page, 'Output size')).toHaveText('7 × 7 × 1');
});

test('random numbers: every output cell is the sum that a person would write', async ({ page }) => {
  await openExplore(page, 'plain');
  await example(page, '(7, 7, 1), 4 kernels → (5, 5, 4)');
  const first = await outputsOf(page);
  await page.getByRole('button', { name: 'New random numbers' }).click();
  await page.getByRole('button', { name: 'Output, channel 3' }).click();
  await expect.poll(() => outputsOf(page)).not.toEqual(first);
  const image = await numbersIn(picture(page, 'Input'));
  const kernel = await numbersIn(picture(page, 'Kernel'));
  expect([image.length, kernel.length]).toEqual([49, 9]);
  const expected = Array.from({ length: 25 }, (_, at) => {
    const [y, x] = [Math.floor(at / 5), at % 5];
    return kernel.reduce(
      (total, weight, tap) => total + weight * image[(y + Math.floor(tap / 3)) * 7 + x + (tap % 3)]!,
      0,
    );
  });
  expect(await outputsOf(page)).toEqual(expected);
  await outputOf(page).getByRole('gridcell', { name: 'row 4, column 2' }).click();
  const says = String(expected[3 * 5 + 1]!).replace('-', '−');
  await expect(sum(page)).toContainText(`Sum ${says}; the layer says ${says}.`);
});

for (const backend of ['wasm', 'webgl', 'webgpu']) {
  test(`numbers of two stages and of moved taps are sums [${backend}]`, async ({ page }) => {
    for (const address of ['depthwise-separable?numbers=3&at=1,2', 'deformable?numbers=4&at=2,2']) {
      await openExplore(page, address);
      await page.getByRole('button', { name: 'Change backend' }).click();
      await page.getByLabel('Backend').selectOption(backend);
      const sums = page.getByRole('region', { name: /^Sum/ });
      await expect(sums.last()).toContainText(/Sum(?: \(of unrounded numbers\))? (−?[\d.]+); the layer says \1\./, {
        timeout: 60_000,
      });
    }
  });
}

/** The value at a point of an image between its cells, zero outside. */
function bilinear(image: readonly number[], size: number, y: number, x: number): number {
  let value = 0;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const weight = Math.max(0, 1 - Math.abs(y - row)) * Math.max(0, 1 - Math.abs(x - column));
      value += weight * image[row * size + column]!;
    }
  }
  return value;
}

test('a deformable tap is moved by keys, pointer and mask, and the layer reads where it is', async ({ page }) => {
  await openExplore(page, 'deformable?numbers=4&at=2,2');
  await page.getByRole('button', { name: 'Reset all taps' }).click();
  const moved = page.getByRole('button', { name: /^Tap in row 2, column 3/ });
  await moved.focus();
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight']) await page.keyboard.press(key);
  await expect(moved).toHaveAccessibleName(/moved by 0.5 down, 0.25 to the right/);
  await page.getByRole('slider', { name: /^Mask/ }).fill('0.5');
  const dragged = page.getByRole('button', { name: /^Tap in row 1, column 1/ });
  const [x, y] = await middleOf(dragged);
  await page.mouse.move(x, y);
  await page.mouse.down();
  // A cell of the drawing is 32 pixels wide.
  await page.mouse.move(x - 16, y + 24, { steps: 3 });
  await page.mouse.up();
  await expect(dragged).toHaveAccessibleName(/moved by 0.75 down, -0.5 to the right/);
  const [image, kernel] = [await numbersIn(picture(page, 'Input')), await numbersIn(picture(page, 'Kernel'))];
  const offsets: Readonly<Record<number, readonly [number, number, number]>> = {
    0: [0.75, -0.5, 1],
    5: [0.5, 0.25, 0.5],
  };
  const expected = kernel.reduce((total, weight, tap) => {
    const [down, right, mask] = offsets[tap] ?? [0, 0, 1];
    return total + weight * mask * bilinear(image, 7, 1 + Math.floor(tap / 3) + down, 1 + (tap % 3) + right);
  }, 0);
  const says = String(Math.round(expected * 100) / 100).replace('-', '−');
  await expect(sum(page)).toContainText(`the layer says ${says}.`);
  await expect(sum(page).getByRole('status')).toHaveText(says);
  await expect(page.getByRole('figure').filter({ hasText: 'It reads at' })).toContainText('row 2.75, column 1.5');
});

test('the box of a region and its bins are moved by keys', async ({ page }) => {
  await openExplore(page, 'roi-pooling');
  await page.getByRole('button', { name: 'Reset all bins' }).click();
  const corner = page.getByRole('button', { name: /^Upper left corner/ });
  await corner.focus();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowDown');
  await expect(corner).toHaveAccessibleName(/at 1.5 down, 0.5 to the right/);
  await page.getByRole('button', { name: /^Bin in row 1, column 3/ }).focus();
  await expect(outputOf(page).getByRole('gridcell', { selected: true })).toHaveAccessibleName(/^row 1, column 3(:|$)/);
  await page.keyboard.press('ArrowUp');
  // A quarter of a cell up, of a box of 5.5 × 6.5 and γ = 0.1.
  await expect(page.getByLabel('Offset down')).toHaveValue(String(Math.round((-0.25 / 0.55) * 1e4) / 1e4));
  await expect(page.getByLabel('Offset right')).toHaveValue('0');
});

test('the output cell moves by keys, also by itself on demand, and the address keeps the view', async ({ page }) => {
  await openExplore(page, SURVEYED);
  const chosen = outputOf(page).getByRole('gridcell', { selected: true });
  await chosen.focus();
  for (const key of ['ArrowDown', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowUp', 'ArrowDown']) {
    await page.keyboard.press(key);
  }
  await expect(chosen).toHaveAccessibleName(/^row 2, column 3/);
  await expect(chosen).toBeFocused();
  await expect(chosen).toHaveAccessibleDescription(
    /row 2, column 3 of channel 1 reads 6 of 49 input cells in 3 of 3 channels; 3 taps reach into the padding/,
  );
  await page.getByLabel('Padding mode').selectOption('circular');
  await page.getByRole('button', { name: 'Dilation: less' }).click();
  await page.getByRole('button', { name: 'Output, channel 2' }).click();
  await expect(page).toHaveURL(/mode=circular&image=random&preset=random&at=1,2&channel=2$/);
  const address = page.url();
  await page.reload();
  await expect(page.getByLabel('Dilation', { exact: true })).toHaveValue('1');
  await expect(figure(page, 'Output size')).toHaveText('4 × 4 × 2');
  await expect(chosen).toHaveAccessibleName(/^row 2, column 3/);
  await expect(page.getByRole('button', { name: 'Output, channel 2' })).toHaveAttribute('aria-pressed', 'true');
  expect(page.url()).toBe(address);
  await page.getByRole('button', { name: 'One cell on' }).click();
  await expect(chosen).toHaveAccessibleName(/^row 2, column 4/);
  await page.getByRole('button', { name: 'One cell back' }).click();
  await page.getByLabel('Speed').selectOption('fast');
  await page.getByRole('button', { name: 'Play' }).click();
  await expect(chosen).toHaveAccessibleName(/^row 4, column 4/);
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();
  await page.getByRole('link', { name: 'Plain' }).click();
  await expect(page.getByLabel('Padding', { exact: true })).toHaveValue('valid');
});

test('a pooled region has samples, and no kernel', async ({ page }) => {
  await openExplore(page, 'roi-pooling');
  await expect(page.locator('.reading')).toContainText('reads');
  await expect(page.locator('.reading')).not.toContainText(/kernel|tap/);
});

test('padding takes its values from where its mode says', async ({ page }) => {
  await openExplore(page, 'plain?numbers=2&height=7&width=7&image=random&preset=random&padding=amount&at=1,1');
  const image = await numbersIn(picture(page, 'Input'));
  expect(image.length).toBe(49);
  await outputOf(page).getByRole('gridcell', { name: 'row 1, column 1' }).click();
  for (const [mode, corner] of [
    ['reflect', 8],
    ['replicate', 0],
    ['circular', 48],
  ] as const) {
    await page.getByLabel('Padding mode').selectOption(mode);
    const [padded, ...rest] = await numbersIn(picture(page, 'Input'));
    expect(rest.length, mode).toBe(49 + 4);
    expect(padded, mode).toBe(image[corner]);
    await expect(sum(page)).toContainText(new RegExp(`Sum (−?\\d+); the layer says \\1\\.`));
  }
});

test('what does not fit together is said beside its control, and the last picture stays', async ({ page }) => {
  await openExplore(page, 'grouped');
  await page.getByLabel('Groups', { exact: true }).fill('4');
  const message = page.getByRole('alert');
  await expect(message).toContainText('groups must divide filters (6), received groups = 4');
  await expect(page.getByLabel('Groups', { exact: true })).toHaveAccessibleDescription(/groups must divide/);
  await expect(figure(page, 'Output size')).toHaveText('3 × 3 × 6');
  await expect(page.getByRole('button', { name: 'Output, channel 6, not used, group 3' })).toBeVisible();
  await page.getByLabel('Groups', { exact: true }).fill('2');
  await expect(message).toHaveCount(0);
  await page.getByLabel('Kernel height', { exact: true }).fill('7');
  await expect(message).toContainText('the kernel must fit into the padded input');
  await page.getByLabel('Padding', { exact: true }).selectOption('same');
  await expect(figure(page, 'Output size')).toHaveText('5 × 5 × 6');
  await expect(figure(page, 'Parameters')).toHaveText(String(7 * 3 * 3 * 6));
});

const PORTRAITS = {
  plain: 'plain',
  deformable: 'deformable?numbers=2&at=3,3&offsets=0,0,0.5,-1,0,0,0,0,0.5,0.25&masks=1,1,1,1,1,0.5',
  grouped: 'grouped?channel=4&at=1,0',
} as const;

for (const [size, viewport] of Object.entries(SIZES)) {
  test(`on a ${size} it looks as it was approved`, async ({ page }) => {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    for (const [name, address] of Object.entries(PORTRAITS)) {
      await openExplore(page, address);
      await expect(page.locator('.figures dl')).toHaveAttribute('aria-busy', 'false');
      await expect(page).toHaveScreenshot(`explore-${name}-${size}.png`, { fullPage: true, timeout: 60_000 });
    }
  });
}

test('a pointwise kernel reads one cell, whatever window the address names', async ({ page }) => {
  await openExplore(page, 'pointwise?padding=amount&kernelHeight=3&stride=2');
  await known(page);
  await expect(page.getByRole('figure', { name: /^Output/ })).toContainText('3 × 3 × 4');
  await expect(page.locator('.reading')).toContainText('1 of 25 input cells');
  await expect(page.locator('.figures')).toContainText('⌊(5 + 2 · 0 − 1) / 2⌋ + 1 = 3');
});
