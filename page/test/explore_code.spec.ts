/** Explore's code: it makes the layers of the picture; and what else can be taken from the picture. */
import fs from 'node:fs';
import { runInThisContext } from 'node:vm';
import * as conv from 'tfjs-convolutions';
import { CONVOLUTIONS } from '../src/explore/convolutions/index.js';
import { startOf } from '../src/explore/model/address.js';
import { codeOf } from '../src/explore/model/code.js';
import type { Convolution } from '../src/explore/model/convolution.js';
import type { LayerSpec } from '../src/explore/model/question.js';
import { START, type Settings } from '../src/explore/model/settings.js';
import { onCpu } from './support/seen.js';
import { openExplore } from './support/explore_page.js';
import { expect, test } from './support/test.js';

/** Settings that a person meets first, and others that leave no default in place. */
const settingsOf = ({ examples, ...convolution }: Convolution): Settings[] => [
  startOf({ examples, ...convolution }),
  { ...startOf({ examples, ...convolution }), stride: 2, padding: 'amount', amount: 1, mode: 'reflect', bias: 'yes' },
  {
    ...startOf({ examples, ...convolution }),
    padding: 'same',
    kernelWidth: 1,
    order: 'horizontalFirst',
    version: 'v1',
  },
  ...examples.map(({ set }) => ({ ...START, ...(typeof set === 'function' ? set(START) : set) })),
];

interface Layer {
  getConfig: () => object;
}

type Factory = (args: LayerSpec['args']) => Layer;

/** Names are numbered. */
const configOf = (layer: Layer): object => ({ ...layer.getConfig(), name: '' });

test('the lines of code make the very layers of the picture', async () => {
  await onCpu();
  for (const convolution of CONVOLUTIONS) {
    for (const settings of settingsOf(convolution)) {
      const { layers } = convolution.network(settings);
      const lines = codeOf(convolution, settings, convolution.stages(settings)).package.split('\n');
      expect(lines).toHaveLength(layers.length);
      layers.forEach(({ factory, args }, index) => {
        const make = runInThisContext(`(conv) => ${lines[index]!}`) as (library: typeof conv) => Layer;
        const made = make(conv);
        expect(configOf(made), lines[index]).toEqual(configOf((conv.layers[factory] as Factory)(args)));
      });
    }
  }
});

const DEFAULTS = 'plain?height=7&width=7&image=random&preset=random';

test('code for other libraries takes the same arguments, and is copied', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await openExplore(page, `${DEFAULTS}&stride=2&padding=amount&channels=3&filters=4`);
  const line = page.getByRole('tabpanel');
  await expect(line).toContainText(
    'conv.layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 1, useBias: false })',
  );
  await page.getByRole('tab', { name: 'tfjs-convolutions' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('tab', { name: 'Keras' })).toBeFocused();
  await expect(line).toContainText('keras.layers.ZeroPadding2D(1)');
  await expect(line).toContainText('keras.layers.Conv2D(4, 3, strides=2, use_bias=False)');
  await page.keyboard.press('ArrowRight');
  await expect(line).toContainText('nn.Conv2d(3, 4, 3, stride=2, padding=1, bias=False)');
  await page.getByRole('button', { name: 'Copy the code' }).click();
  const copied = (): Promise<string> => page.evaluate(() => navigator.clipboard.readText());
  await expect.poll(copied).toBe('nn.Conv2d(3, 4, 3, stride=2, padding=1, bias=False)');
  await page.getByRole('button', { name: 'Copy link' }).click();
  await expect.poll(copied).toMatch(/^http.*#explore\/plain\?.*stride=2/);
});

test('changes are taken back one by one, and the picture is saved as it is seen', async ({ page }) => {
  await openExplore(page, DEFAULTS);
  const undo = page.getByRole('button', { name: 'Undo' });
  await expect(undo).toBeDisabled();
  for (const [label, value] of [
    ['Stride', '2'],
    ['Dilation', '2'],
  ] as const) {
    await page.getByLabel(label, { exact: true }).fill(value);
    await expect(page).toHaveURL(new RegExp(`${label.toLowerCase()}=${value}`));
    // The change is at rest.
    await page.waitForFunction(() => document.querySelector('.figures dl')!.getAttribute('aria-busy') === 'false');
  }
  await undo.click();
  await expect(page.getByLabel('Dilation', { exact: true })).toHaveValue('1');
  await expect(page.getByLabel('Stride', { exact: true })).toHaveValue('2');
  await undo.click();
  await expect(page.getByLabel('Stride', { exact: true })).toHaveValue('1');
  await expect(undo).toBeDisabled();
  await expect(
    page
      .getByRole('grid', { name: /^Output/ })
      .getByRole('gridcell')
      .first(),
  ).toHaveAccessibleName(/: /);
  const numbers = await page.locator('.maps svg text').allTextContents();
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as SVG' }).click();
  const file = await saved;
  expect(file.suggestedFilename()).toBe('plain.svg');
  const svg = fs.readFileSync(await file.path(), 'utf8');
  // Not as a document of the page's own origin, which would be asked for an icon.
  await page.goto(`data:image/svg+xml,${encodeURIComponent(svg)}`);
  expect(await page.locator('svg svg text').allTextContents()).toEqual(numbers);
  expect(await page.locator('svg > text').allTextContents()).toContain('Output 5 × 5 × 1');
  expect(svg).not.toMatch(/var\(|class=/);
});
