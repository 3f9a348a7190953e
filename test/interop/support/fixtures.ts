/** The Keras files in fixtures/. */
import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

const FIXTURES = path.join(__dirname, '../fixtures');
export const FILES = fs.readdirSync(FIXTURES).filter((file) => file.endsWith('.gz'));

/** Contents of a Keras file. */
export function fixture(file: string): Uint8Array {
  return new Uint8Array(gunzipSync(fs.readFileSync(path.join(FIXTURES, file))));
}
