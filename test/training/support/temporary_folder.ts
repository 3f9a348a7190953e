/** A temporary folder for one test file, removed afterwards. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Declares the folder and returns a function that resolves paths in it. */
export function temporaryFolder(): (...parts: string[]) => string {
  let folder = '';
  beforeAll(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tfjs-convolutions-'));
  });
  afterAll(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });
  return (...parts) => path.join(folder, ...parts);
}
