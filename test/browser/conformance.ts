/** The golden cases on a backend that only a browser has. */
import fs from 'node:fs';
import path from 'node:path';
import type { Report, Selection } from '../conformance/runner.js';
import { bundle, modulePath } from './bundle.js';
import { openBrowser, openPage } from './session.js';

/** Runs the golden files that lie directly in the directory, in headless Chromium. */
export async function runDirectoryInBrowser(backend: string, directory: string, selection: Selection): Promise<Report> {
  const opened = await openBrowser();
  if ('absent' in opened) throw new Error(`The backend '${backend}' did not start: ${opened.absent}`);
  try {
    const root = path.resolve(__dirname, '../..');
    const entry = path.join(__dirname, 'conformance_page.ts');
    const page = await openPage(opened.browser, await bundle(root, [entry]));
    const names = fs.existsSync(directory)
      ? fs.readdirSync(directory).filter((file) => file.endsWith('.json'))
      : undefined;
    const files = names?.map((name) => [name, fs.readFileSync(path.join(directory, name), 'utf8')] as const);
    return await page.evaluate(
      async ([module, ...values]) => {
        const { runFiles } = (await import(module)) as typeof import('./conformance_page.js');
        return runFiles(...values);
      },
      [modulePath(root, entry), backend, directory, files, selection.op] as const,
    );
  } finally {
    await opened.browser.close();
  }
}
