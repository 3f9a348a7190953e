/** Runs the checker of ONNX and OpenVINO on files, in one Python process. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ExportedCase } from './onnx_exports.js';
import type { NamedArray } from './onnx_runtimes.js';

const PACKAGES = path.resolve(__dirname, '../../../.python/interop');

/** Reason why OpenVINO is not available; undefined if it is installed. */
export function openvinoAbsence(): string | undefined {
  return fs.existsSync(path.join(PACKAGES, 'packages.json'))
    ? undefined
    : 'OpenVINO is not installed: npm run setup -- interop';
}

/** Result of one file. */
export interface CheckedFile {
  /** Reason why the checker refuses the file, or OpenVINO does; null if neither does. */
  readonly problem: string | null;
  /** Outputs of OpenVINO for each run; none if the file was only checked. */
  readonly runs: readonly (readonly NamedArray[])[];
}

/** An array as JSON. */
interface PlainArray {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: string;
}

/** Checks files, and runs those that are to be run. */
export function checkFiles(
  files: readonly { readonly exported: ExportedCase; readonly run: boolean }[],
): CheckedFile[] {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tfjs-convolutions-'));
  try {
    const manifest = files.map(({ exported, run }, index) => {
      fs.writeFileSync(path.join(folder, `${index}.onnx`), exported.file);
      return { name: String(index), runs: run ? exported.inputs.map((arrays) => arrays.map(toPlain)) : [] };
    });
    fs.writeFileSync(path.join(folder, 'manifest.json'), JSON.stringify(manifest));
    const env = { ...process.env, PYTHONPATH: PACKAGES, PYTHONNOUSERSITE: '1' };
    const script = path.join(__dirname, 'onnx_files.py');
    const text = execFileSync('python3', [script, folder], {
      env,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
      stdio: 'pipe',
    });
    const results = JSON.parse(text) as { problem: string | null; runs: PlainArray[][] }[];
    return results.map(({ problem, runs }) => ({ problem, runs: runs.map((arrays) => arrays.map(fromPlain)) }));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function toPlain({ name, dtype, shape, values }: NamedArray): PlainArray {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return { name, dtype, shape, data: bytes.toString('base64') };
}

function fromPlain({ name, shape, data }: PlainArray): NamedArray {
  const bytes = new Uint8Array(Buffer.from(data, 'base64'));
  return { name, dtype: 'float32', shape, values: new Float32Array(bytes.buffer) };
}
