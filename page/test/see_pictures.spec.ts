/** See: every way in for pictures and networks, and what is said where one is none. */
import * as tf from '@tensorflow/tfjs';
import sharp from 'sharp';
import * as conv from 'tfjs-convolutions';
import { prepareImage, preprocessingOf, saveModel } from 'tfjs-convolutions/training';
import { accessibilityFaults } from './support/accessibility.js';
import { dotsOf, expectTaken, farthest, figure, openSee } from './support/see_page.js';
import { digitBytes, digitFile, modelFolder, onCpu } from './support/seen.js';
import { expect, test } from './support/test.js';
import type { Locator, Page } from '@playwright/test';

/** A digit as on paper: dark on bright, large, beside the middle. */
async function onPaper(digit: number): Promise<Buffer> {
  const inverted = await sharp(digitFile(digit)).negate({ alpha: false }).png().toBuffer();
  return sharp(inverted)
    .resize(140, 140)
    .extend({ top: 20, bottom: 120, left: 10, right: 60, background: 'white' })
    .png()
    .toBuffer();
}

const files = (page: Page, panel: 'The picture' | 'A network of your own'): Locator =>
  page.getByRole('region', { name: panel }).locator('input[type=file]');

test('a picture comes from a file, a drop and the clipboard', async ({ page }, info) => {
  await openSee(page);
  const give = async (action: 'drop' | 'paste', fileName: string, bytes: Buffer): Promise<void> => {
    await page.evaluate(
      ({ type, name, base64 }) => {
        const data = new DataTransfer();
        const binary = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
        data.items.add(new File([binary], name, { type: 'image/png' }));
        const options = { bubbles: true, cancelable: true };
        document.body.dispatchEvent(
          type === 'drop'
            ? new DragEvent('drop', { ...options, dataTransfer: data })
            : new ClipboardEvent('paste', { ...options, clipboardData: data }),
        );
      },
      { type: action, name: fileName, base64: bytes.toString('base64') },
    );
  };
  // Scenes take no pictures, so one opens their network.
  await give('drop', 'two.png', await onPaper(2));
  await expect(page.getByText('Your network “deformable”.')).toBeVisible();
  await expect(page.getByText('two.png')).toBeVisible();
  await openDigitReader(page, info.outputPath('reader'));
  await files(page, 'The picture').setInputFiles({
    name: 'seven.png',
    mimeType: 'image/png',
    buffer: await onPaper(7),
  });
  await expectTaken(page, 7);
  await expect(page.getByText('Brightness inverted, cut out and centred, scaled to 28 × 28 pixels.')).toBeVisible();
  await give('drop', 'two.png', await onPaper(2));
  await expectTaken(page, 2);
  await give('paste', 'zero.png', await onPaper(0));
  await expectTaken(page, 0);
  // What is no picture, or too large a one, leaves the last.
  await give('drop', 'broken.png', Buffer.from('no picture'));
  await expect(page.getByRole('alert')).toContainText('This picture cannot be decoded');
  const wide = sharp({ create: { width: 20_000, height: 1, channels: 3, background: 'white' } });
  await give('drop', 'wide.png', await wide.png().toBuffer());
  await expect(page.getByRole('alert')).toContainText('This picture has 20000 × 1 pixels');
  await expectTaken(page, 0);
  expect(await accessibilityFaults(page)).toEqual([]);
});

test('a picture is drawn, or taken by the camera, which stops when See is left', async ({ page }, info) => {
  await page.addInitScript(() => {
    const media = navigator.mediaDevices;
    const original = media.getUserMedia.bind(media);
    media.getUserMedia = async (constraints) => {
      const stream = await original(constraints);
      Object.assign(globalThis, { stream });
      return stream;
    };
  });
  await openSee(page);
  await openDigitReader(page, info.outputPath('reader'));
  await page.getByRole('button', { name: 'Draw' }).click();
  const board = page.getByRole('img', { name: /^Square to draw in/ });
  await board.scrollIntoViewIfNeeded();
  const box = (await board.boundingBox())!;
  const go = (x: number, y: number): Promise<void> =>
    page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 4 });
  await go(0.78, 0.5);
  await page.mouse.down();
  for (let step = 1; step <= 16; step++) {
    const angle = (step / 16) * 2 * Math.PI;
    await go(0.5 + 0.28 * Math.cos(angle), 0.5 + 0.3 * Math.sin(angle));
  }
  await page.mouse.up();
  await expectTaken(page, 0);
  expect(await accessibilityFaults(page)).toEqual([]);
  expect(await page.evaluate(() => 'stream' in globalThis)).toBe(false);
  await page.getByRole('button', { name: 'Use the camera' }).click();
  await page.getByRole('button', { name: 'Take the picture' }).click();
  await expect(page.getByText('camera picture', { exact: true })).toBeVisible();
  await page.getByRole('link', { name: /^Train/ }).click();
  const state = (): Promise<string> =>
    page.evaluate(() => (globalThis as unknown as { stream: MediaStream }).stream.getTracks()[0]!.readyState);
  await expect.poll(state).toBe('ended');
});

test('a camera that is refused is said, and a person’s own network of another kind is shown', async ({
  page,
}, info) => {
  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('refused', 'NotAllowedError'));
  });
  await openSee(page);
  await page.getByRole('button', { name: /^Look into this network/ }).click();
  await page.getByRole('button', { name: 'Use the camera' }).click();
  await expect(page.getByRole('alert')).toContainText('Permission to use the camera was denied');

  const network = files(page, 'A network of your own');
  await network.setInputFiles({ name: 'model.json', mimeType: 'application/json', buffer: Buffer.from('{}') });
  await expect(page.getByText('“model.json” is not a network in the layers format of TensorFlow.js')).toBeVisible();
  await network.setInputFiles(`${modelFolder('deformable')}/model.json`);
  await expect(page.getByText('needs the file “weights.bin” too')).toBeVisible();

  await onCpu();
  const [model, four] = [networkOf(3), networkOf(4)];
  const [own, other] = [info.outputPath('own'), info.outputPath('four')];
  await saveModel(model, own);
  await saveModel(four, other);
  await network.setInputFiles(modelFiles(other));
  await expect(page.getByText('This network takes images of 4 channels')).toBeVisible();
  await expect(page.getByRole('alert')).toBeHidden();
  await expect(page.getByRole('row', { name: /^deformable_conv2d/ })).toContainText('9, moved');

  await network.setInputFiles(modelFiles(own));
  await expect(page.getByText(`Your network “${model.name}”`)).toBeVisible();
  const colours = await sharp(digitFile(3)).resize(24, 20, { fit: 'fill' }).toColourspace('srgb').png().toBuffer();
  await files(page, 'The picture').setInputFiles({ name: 'three.png', mimeType: 'image/png', buffer: colours });
  await expect(page.getByText('three.png')).toBeVisible();
  const { data } = await sharp(colours).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const x = tf.tensor4d(Float32Array.from(data), [1, 20, 24, 3]).div(127.5).sub(1);
  const { images, layer } = await conv.samplingLocations(model, x, { positions: [[5, 6]] });
  await expect(figure(page, 'Deformable').getByRole('img')).toHaveAttribute('aria-label', new RegExp(layer));
  const taps = images[0]![0]!.taps;
  await expect.poll(async () => farthest(await dotsOf(figure(page, 'Deformable')), taps)).toBeLessThan(0.05);

  await page.getByRole('button', { name: 'Back to the scenes' }).click();
  await expect(page.getByRole('heading', { name: 'Four networks name every position' })).toBeVisible();
});

test('Train, See and prepareImage() agree on a picture that is long and partly transparent', async ({ page }, info) => {
  await onCpu();
  const picture = { name: 'bands.png', mimeType: 'image/png', buffer: await colourBands() };
  const networks = [];
  for (const fit of ['crop', 'contain', 'stretch'] as const) {
    const model = colourNetwork();
    const preprocessing = { ...preprocessingOf(model), background: [255, 0, 0] as const, fit };
    model.setUserDefinedMetadata({ classNames: ['cold', 'hot'], preprocessing });
    await saveModel(model, info.outputPath(fit));
    const x = tf.tensor(await prepareImage(picture.buffer, preprocessing), [1, 16, 16, 3]);
    const [, hot] = await (model.predict(x) as tf.Tensor).data();
    networks.push({ chosen: modelFiles(info.outputPath(fit)), percent: 100 * hot! });
  }
  // Two programs round; no two ways to fit are so close to each other.
  const tolerance = 1;
  const percents = networks.map(({ percent }) => percent).sort((a, b) => a - b);
  expect(percents[1]! - percents[0]!).toBeGreaterThan(2 * tolerance);
  expect(percents[2]! - percents[1]!).toBeGreaterThan(2 * tolerance);
  const expectPercent = async (place: Locator, percent: number): Promise<void> => {
    await expect
      .poll(async () => Math.abs(Number(/([\d.]+)\s*%/.exec((await place.textContent()) ?? '')?.[1]) - percent))
      .toBeLessThan(tolerance);
  };
  await openSee(page);
  await files(page, 'A network of your own').setInputFiles(networks[0]!.chosen);
  await files(page, 'The picture').setInputFiles(picture);
  await expect(page.getByText('bands.png')).toBeVisible();
  for (const { chosen, percent } of networks) {
    await files(page, 'A network of your own').setInputFiles(chosen);
    await expectPercent(page.getByRole('row', { name: /^hot/ }), percent);
  }
  for (const { chosen, percent } of networks) {
    await page.goto('/#train');
    await page.reload();
    const toImport = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: /^Import a network/ }).click();
    await (await toImport).setFiles(chosen);
    const toTry = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Try an image of a file' }).click();
    await (await toTry).setFiles(picture);
    await expectPercent(page.locator('.guesses li').filter({ hasText: 'hot' }), percent);
  }
});

/** Three bands: green, transparent, blue. */
async function colourBands(): Promise<Buffer> {
  const band = (background: string): Promise<Buffer> =>
    sharp({ create: { width: 64, height: 64, channels: 4, background } })
      .png()
      .toBuffer();
  return sharp({ create: { width: 192, height: 64, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
    .composite([
      { input: await band('#0f0'), left: 0, top: 0 },
      { input: await band('#00f'), left: 128, top: 0 },
    ])
    .png()
    .toBuffer();
}

/** A network that takes bright red for hot. */
function colourNetwork(): tf.LayersModel {
  const layer = conv.layers.deformableConv2d({ filters: 2, kernelSize: 1, modulated: false, inputShape: [16, 16, 3] });
  const pool = tf.layers.globalAveragePooling2d({ dataFormat: 'channelsLast' });
  const model = tf.sequential({ layers: [layer, pool, tf.layers.activation({ activation: 'softmax' })] });
  const kernel = layer.weights.find(({ originalName }) => originalName.endsWith('/kernel'))!;
  kernel.write(tf.tensor([-0.5, 0.5, 0.1, -0.1, 0.25, -0.25], [1, 1, 3, 2]));
  return model;
}

/** Opens a network that takes a picture for the shipped digit which it is most like. */
async function openDigitReader(page: Page, folder: string): Promise<void> {
  await onCpu();
  const flatten = tf.layers.flatten({ inputShape: [28, 28, 1] });
  const dense = tf.layers.dense({ units: 10, activation: 'softmax' });
  const model = tf.sequential({ layers: [flatten, dense] });
  const templates = await Promise.all(Array.from({ length: 10 }, (_, digit) => digitBytes(digit)));
  const rows = tf.tensor2d(
    templates.flatMap((template) => [...template]),
    [10, 784],
  );
  const centred = rows.sub(rows.mean(1, true));
  const kernel = centred.div(centred.norm('euclidean', 1, true)).transpose();
  dense.setWeights([kernel, tf.zeros([10])]);
  await saveModel(model, folder);
  await files(page, 'A network of your own').setInputFiles(modelFiles(folder));
  await expect(page.getByText(/^Your network “(?!deformable)/)).toBeVisible();
}

const modelFiles = (folder: string): string[] => [`${folder}/model.json`, `${folder}/weights.bin`];

/** A small untrained network whose offsets are not 0. */
function networkOf(channels: number): tf.LayersModel {
  const model = tf.sequential();
  const initializer = tf.initializers.randomUniform({ minval: -0.4, maxval: 0.4, seed: 5 });
  model.add(conv.layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 1, inputShape: [20, 24, channels] }));
  model.add(
    conv.layers.deformableConv2d({ filters: 4, kernelSize: 3, padding: 'same', offsetInitializer: initializer }),
  );
  model.add(tf.layers.globalAveragePooling2d({}));
  model.add(tf.layers.dense({ units: 2, activation: 'softmax' }));
  return model;
}
