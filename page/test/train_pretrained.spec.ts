/** Train on a pretrained network: first its last layer, then all of them. */
import fs from 'node:fs';
import { accessibilityFaults } from './support/accessibility.js';
import { expect, test } from './support/test.js';
import { TrainPage } from './support/train_page.js';

interface ModelJson {
  readonly weightsManifest: readonly [{ readonly weights: readonly { name: string; shape: number[] }[] }];
}

/** Weights of exported float32 files, by their names. */
function weightsOf(files: readonly string[]): Map<string, Buffer> {
  const [json, binary] = ['.json', '.bin'].map((ending) =>
    fs.readFileSync(files.find((file) => file.endsWith(ending))!),
  );
  let offset = 0;
  const { weights } = (JSON.parse(json!.toString()) as ModelJson).weightsManifest[0];
  return new Map(
    weights.map(({ name, shape }) => {
      const bytes = 4 * shape.reduce((product, size) => product * size, 1);
      return [name, binary!.subarray(offset, (offset += bytes))];
    }),
  );
}

/** Names of the weights that differ. */
function changes(before: Map<string, Buffer>, after: Map<string, Buffer>): string[] {
  return [...before].filter(([name, bytes]) => !after.get(name)!.equals(bytes)).map(([name]) => name);
}

test('a pretrained network learns photos by its last layer, then by all layers, and both runs are kept', async ({
  page,
}, info) => {
  const train = new TrainPage(page);
  await train.open();
  await train.prepareShapes(20);
  await expect(page.getByRole('radio', { name: /^Pretrained MobileNetV1(?!,)/ })).toBeChecked();
  await expect(page.getByText(/in seconds\. 219K parameters/)).toBeVisible();
  await train.chooseBackend('wasm');
  await page.getByLabel('Epochs').fill('15');
  await train.start();
  expect(await train.finish()).toBeGreaterThan(0.8);
  const frozen = weightsOf(await train.exportTo(info.outputPath('frozen')));
  expect(await accessibilityFaults(page)).toEqual([]);

  await page.getByLabel('Epochs').fill('1');
  await train.start();
  await train.finish();
  const start = weightsOf(await train.exportTo(info.outputPath('start')));
  expect(changes(start, frozen)).toEqual(['conv_preds/kernel', 'conv_preds/bias']);

  await page.getByRole('button', { name: 'Train all layers' }).click();
  await expect(train.run.getByText(/^Done: /)).toHaveCount(0);
  await train.finish();
  const tuned = weightsOf(await train.exportTo(info.outputPath('tuned')));
  const learned = changes(start, tuned);
  expect(learned).toContain('conv1/kernel');
  expect(learned.filter((name) => /gamma|beta|moving/.test(name))).toEqual([]);
  await expect(page.getByRole('button', { name: 'Train all layers' })).toHaveCount(0);
  const saved = page.getByRole('region', { name: 'Saved runs' }).getByRole('listitem');
  await expect(saved).toHaveText([/triangle · Pretrained MobileNetV1, 1 of 1 epoch,/, /MobileNetV1, 15 of 15 epochs/]);

  await page.reload();
  await train.ready();
  await expect(saved.first()).toHaveText(/MobileNetV1, all layers, 1 of 1 epoch,/);
  await saved
    .nth(2)
    .getByRole('button', { name: /^Open it/ })
    .click();
  expect(await train.finish()).toBeGreaterThan(0.8);
  await expect(page.getByRole('button', { name: 'Train all layers' })).toBeVisible();
});

test('a pretrained network is offered for own images only, and each kind of data keeps its default', async ({
  page,
}) => {
  const train = new TrainPage(page);
  await train.open();
  const pretrained = page.getByRole('radio', { name: /^Pretrained/ });
  await expect(pretrained).toHaveCount(0);
  await page.getByRole('radio', { name: /Your own images/ }).check();
  await expect(pretrained.first()).toBeChecked();
  await expect(page.getByLabel('Image size')).toBeDisabled();
  await page.getByRole('radio', { name: /Handwritten digits/ }).check();
  await expect(page.getByRole('radio', { name: 'Small network, deformable' })).toBeChecked();
  await page.getByRole('radio', { name: 'MobileNetV1, a quarter wide' }).check();
  await page.getByRole('radio', { name: /Your own images/ }).check();
  await expect(page.getByRole('radio', { name: 'MobileNetV1, a quarter wide' })).toBeChecked();
  await expect(page.getByLabel('Image size')).toBeEnabled();
});
