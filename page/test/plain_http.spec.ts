/** The page over plain http from another machine, where browsers withhold what needs a secure context. */
import { chromiumOptions } from '../../test/browser/chromium_options.js';
import { servePage } from './support/serve_page.js';
import { expect, test } from './support/test.js';
import { TrainPage } from './support/train_page.js';

const HOST = 'page.test';
const options = chromiumOptions();

test.use({ launchOptions: { ...options, args: [...options.args!, `--host-resolver-rules=MAP ${HOST} 127.0.0.1`] } });

test('over plain http the page counts and shows, and says why it does not train', async ({ page, watch }) => {
  const host = await servePage();
  const url = host.url.replace('localhost', HOST);
  watch.expectErrors.push(new RegExp(`asked ${url}`));
  try {
    await page.goto(`${url}#train`);
    expect(await page.evaluate(() => isSecureContext)).toBe(false);
    const train = new TrainPage(page);
    await train.ready();
    await train.prepareStripes();
    await train.chooseBackend('wasm');
    await train.start();
    await expect(page.getByRole('alert')).toHaveText(
      'Cannot compute a checksum: browsers offer crypto.subtle only to pages loaded over https or from localhost',
    );
  } finally {
    await host.close();
  }
});
