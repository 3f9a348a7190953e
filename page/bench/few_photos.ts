/**
 * How long does Train take to learn three classes of twenty pictures on its pretrained network, from the press of Start to the
 * result? On wasm, with the form as it is when the page opens. The pictures are drawn shapes; a folder with one folder per class
 * takes their place.
 *
 *   npm run -w page bench:few-photos [-- FOLDER]
 */
import fs from 'node:fs';
import path from 'node:path';
import { TrainPage } from '../test/support/train_page.js';
import { withPage } from './with_page.js';

const IMAGES = 20;
const RUNS = 3;

async function fill(train: TrainPage, folder: string | undefined): Promise<void> {
  if (folder === undefined) {
    await train.prepareShapes(IMAGES);
    return;
  }
  const names = fs.readdirSync(folder).sort();
  const classes = Object.fromEntries(
    names.map((name) => [
      name,
      fs
        .readdirSync(path.join(folder, name))
        .sort()
        .slice(0, IMAGES)
        .map((file) => path.join(folder, name, file)),
    ]),
  );
  await train.prepareClasses(classes);
}

async function main(): Promise<void> {
  const [folder] = process.argv.slice(2);
  await withPage(async (browser, url) => {
    for (let run = 1; run <= RUNS; run++) {
      const context = await browser.newContext({ baseURL: url });
      const train = new TrainPage(await context.newPage());
      await train.open();
      await fill(train, folder);
      await train.chooseBackend('wasm');
      const started = performance.now();
      await train.start();
      const accuracy = await train.finish();
      const seconds = (performance.now() - started) / 1000;
      console.log(`run ${run}: ${seconds.toFixed(1)} s, ${(100 * accuracy).toFixed(1)} % of the test images right`);
      await context.close();
    }
  });
}

void main();
