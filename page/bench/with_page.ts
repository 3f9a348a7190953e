/** The built page, served compressed as a static host does, and a Chromium to open it in. */
import { chromium, type Browser } from 'playwright-core';
import { chromiumOptions } from '../../test/browser/chromium_options.js';
import { servePage } from '../test/support/serve_page.js';

/** Runs some work with a browser and the address of the page, and ends both. */
export async function withPage<T>(work: (browser: Browser, url: string) => Promise<T>): Promise<T> {
  const server = await servePage();
  try {
    const browser = await chromium.launch(chromiumOptions());
    try {
      return await work(browser, server.url);
    } finally {
      await browser.close();
    }
  } finally {
    await server.close();
  }
}
