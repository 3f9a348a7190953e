/** See: networks of the user, in every format, in numbers and pictures as the package computes them in Node. */
import * as tf from '@tensorflow/tfjs';
import * as conv from 'tfjs-convolutions';
import { saveKeras, saveOnnx } from 'tfjs-convolutions/interop';
import { saveModel } from 'tfjs-convolutions/training';
import { endlessHdf5 } from '../../test/interop/support/endless_hdf5.js';
import { fixture } from '../../test/interop/support/fixtures.js';
import { accessibilityFaults } from './support/accessibility.js';
import { dotsOf, farthest, figure, live, openSee, placementOf, positionOf } from './support/see_page.js';
import { drawnScene, loadNetwork, onCpu, samplesOf, sceneInput } from './support/seen.js';
import { SCHEMES, SIZES } from './support/sizes.js';
import { expect, test } from './support/test.js';
import type { Locator, Page } from '@playwright/test';

const networkFiles = (page: Page): Locator =>
  page.getByRole('region', { name: 'A network of your own' }).locator('input[type=file]');

const cellsOf = async (page: Page): Promise<string[][]> =>
  page
    .locator('.see-report tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent)));

/** Contents of the table of a network: names, multiply-adds and receptive fields of its layers. */
function expectedRows(model: tf.LayersModel): readonly (readonly [macs: string, field: string])[] {
  const fields = new Map(conv.receptiveField(model).layers.map(({ name, size }) => [name, size.join('\u00a0×\u00a0')]));
  return conv
    .cost(model)
    .layers.map(({ name, macs, offsetMacs }) => [(macs + offsetMacs).toLocaleString('en'), fields.get(name) ?? '']);
}

for (const format of ['json', 'keras', 'onnx'] as const) {
  test(`a network without offsets is opened and reported [${format}]`, async ({ page }, info) => {
    await onCpu();
    const model = conv.mobileNetV1({ inputShape: [32, 32, 3], alpha: 0.25, classes: 5, downsampling: 2 });
    const file = info.outputPath(`network.${format}`);
    if (format === 'keras') await saveKeras(model, file);
    if (format === 'onnx') await saveOnnx(model, file);
    if (format === 'json') await saveModel(model, info.outputPath('saved'));
    await openSee(page);
    await networkFiles(page).setInputFiles(
      format === 'json' ? ['model.json', 'weights.bin'].map((name) => info.outputPath('saved', name)) : file,
    );
    await expect(page.getByText('No layer is deformable.')).toBeVisible();
    const rows = await cellsOf(page);
    const wanted = expectedRows(model);
    // An ONNX file has activations and reshapes as layers of their own.
    const work = rows.filter(([, , , , macs]) => macs !== '0').map(([, , , , macs, field]) => [macs, field]);
    expect(work).toEqual(wanted.filter(([macs]) => macs !== '0'));
    await page.getByRole('radio', { name: 'cat' }).click();
    await expect(page.getByText(/^95 % of the influence is within \d+ × \d+ px/)).toBeVisible();
    await expect(page.getByText('Sampling locations')).toBeHidden();
  });
}

test('an .h5 file of Keras 2 is opened by its contents', async ({ page }) => {
  await openSee(page);
  await networkFiles(page).setInputFiles({
    name: 'model.h5',
    mimeType: 'application/octet-stream',
    buffer: Buffer.from(fixture('keras_2.h5.gz')),
  });
  await expect(page.getByText('Your network “model.h5”.')).toBeVisible();
  expect((await cellsOf(page)).map(([name]) => name)).toEqual([
    'stem',
    'depthwise',
    'separable',
    'norm',
    'dropout',
    'conv2d_1',
    'head/inner',
    'head/tail/scores',
  ]);
});

for (const [name, message] of [
  ['broken.onnx', /ONNX/],
  ['broken.keras', /HDF5|archive/],
  ['broken.h5', /HDF5/],
] as const) {
  test(`a corrupt file is refused, and the scenes stay: ${name}`, async ({ page }) => {
    await openSee(page);
    await networkFiles(page).setInputFiles({
      name,
      mimeType: 'application/octet-stream',
      buffer: Buffer.from('no network at all, whatever its name says'),
    });
    await expect(page.getByRole('alert')).toContainText(message);
    await expect(page.getByRole('alert')).toContainText('The network from before stays.');
    await expect(page.getByRole('heading', { name: 'Four networks name every position' })).toBeVisible();
  });
}

test('several networks at once are refused, and the scenes stay', async ({ page }) => {
  await openSee(page);
  const files = ['a.onnx', 'b.keras'].map((name) => ({
    name,
    mimeType: 'application/octet-stream',
    buffer: Buffer.from('whatever'),
  }));
  await networkFiles(page).setInputFiles(files);
  await expect(page.getByRole('alert')).toContainText('must be opened alone, received “a.onnx”, “b.keras”');
  await expect(page.getByRole('heading', { name: 'Four networks name every position' })).toBeVisible();
});

test('a file that would be read for ever is given up, and See goes on with another worker', async ({ page }) => {
  await openSee(page);
  await networkFiles(page).setInputFiles({
    name: 'endless.h5',
    mimeType: 'application/octet-stream',
    buffer: Buffer.from(endlessHdf5()),
  });
  await expect(page.getByRole('alert')).toContainText('The file was not read within 21 s.', { timeout: 60_000 });
  await page.getByRole('application', { name: /^The digit/ }).press('ArrowUp');
  const placement = await placementOf(page);
  const [found] = await samplesOf('deformable', await drawnScene(8, placement), [await positionOf(page)]);
  await expect.poll(async () => farthest(await dotsOf(live(page)), found!.taps)).toBeLessThan(0.05);
});

test('a bundled network is looked into: samples, offsets of all positions and influence', async ({ page }) => {
  await openSee(page);
  await page.getByRole('button', { name: 'Look into this network, layer by layer' }).click();
  const scene = await drawnScene(8, { at: [23.5, 23.5], scale: 0.8 });
  const samples = figure(page, 'Deformable: 9 samples');
  const [middle] = await samplesOf('deformable', scene, [[12, 12]]);
  await expect.poll(async () => farthest(await dotsOf(samples), middle!.taps)).toBeLessThan(0.05);
  await expect(page.getByText('Brightness kept, taken pixel by pixel.')).toBeVisible();

  await page.getByText('Offsets of all positions').click();
  const field = page.locator('figure[data-layer=deformable]');
  const positions = Array.from({ length: 576 }, (_, at) => [Math.floor(at / 24), at % 24] as const);
  const all = await samplesOf('deformable', scene, positions);
  const lengths = all.flatMap(({ center, taps }) =>
    taps.map(({ y, x }, tap) =>
      Math.hypot(y - center.y - 4 * (Math.floor(tap / 3) - 1), x - center.x - 4 * ((tap % 3) - 1)),
    ),
  );
  const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  await expect(field.locator('figcaption')).toHaveText(
    `The taps move by ${mean.toFixed(1)} px on average and ${Math.max(...lengths).toFixed(1)} px at most.`,
  );

  await page.getByText('Influence of each pixel').click();
  const { extent, area } = await conv.effectiveReceptiveField(await loadNetwork('deformable'), sceneInput(scene), {
    layer: 'deformable',
    position: [12, 12],
  });
  const size = `${extent.right - extent.left + 1} × ${extent.bottom - extent.top + 1} px`;
  await expect(page.locator('.see-inspection figcaption')).toContainText(
    `95 % of the influence is within ${size}, with ${area} pixels`,
  );
});

test('samples are traced through several layers, and all their offsets are shown at once', async ({ page }, info) => {
  await onCpu();
  const model = conv.mobileNetV1({
    ...{ inputShape: [28, 28, 1], alpha: 0.125, classes: 3, downsampling: 1 },
    deformable: { last: 3 },
  });
  for (const weight of model.weights) {
    if (!/offset_bias/.test(weight.originalName)) continue;
    weight.write(tf.randomUniform(weight.shape as number[], -1, 1, 'float32', 3));
  }
  await saveModel(model, info.outputPath('deep'));
  await openSee(page);
  await networkFiles(page).setInputFiles(['model.json', 'weights.bin'].map((name) => info.outputPath('deep', name)));
  // The scenes have digits to choose too.
  await expect(page.getByRole('heading', { name: 'Its layers in numbers' })).toBeVisible();
  await page.getByRole('radio', { name: '3', exact: true }).click();
  await page.getByLabel(/trace to the input/).check();
  await expect(page.getByRole('heading', { name: 'Deformable: 729 samples' })).toBeVisible();
  await page.getByText('Offsets of all positions').click();
  await page.getByRole('combobox', { name: /^Layer/ }).selectOption('all deformable ones');
  await expect(page.locator('figure[data-layer]')).toHaveCount(3);
  const tensors = await page.locator('figure[data-layer]').first().getAttribute('data-tensors');
  await page.getByRole('radio', { name: '5', exact: true }).click();
  await page.getByRole('radio', { name: '4', exact: true }).click();
  await expect(page.getByText('digit 4')).toBeVisible();
  await expect(page.locator('figure[data-layer]').first()).toHaveAttribute('data-tensors', tensors!);
});

for (const [name, viewport] of Object.entries(SIZES)) {
  test(`a network looks as approved on a ${name}, and axe finds no fault, light and dark`, async ({ page }) => {
    await page.setViewportSize(viewport);
    await openSee(page);
    await page.getByRole('button', { name: 'Look into this network, layer by layer' }).click();
    await page.getByText('Offsets of all positions').click();
    await expect(page.locator('figure[data-layer=deformable]')).toBeVisible();
    await page.mouse.move(0, 0);
    await expect(page).toHaveScreenshot(`see-network-${name}.png`, { fullPage: true });
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      expect(await accessibilityFaults(page)).toEqual([]);
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width);
  });
}
