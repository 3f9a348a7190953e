/** Description of a run's data in `run.json`, by which `evaluate` finds the same test images again. */
import path from 'node:path';
import { dataFingerprint } from '../training/fingerprint.js';
import type { SplitImages } from '../training/image_source.js';
import { isBuiltIn } from './load_data.js';
import type { RunData } from './run_record.js';

/** The value of `--data` as an absolute path, valid from any working directory. */
export function dataSource(data: string): string {
  return isBuiltIn(data) ? data : path.resolve(data);
}

/** Fingerprint of the test images. */
export async function testFingerprint({ name, test }: SplitImages): Promise<string> {
  return dataFingerprint({ name, train: test, test });
}

/** Describes the data of a run. */
export async function describeData(
  { data, seed, skipBroken }: { readonly data: string; readonly seed: number; readonly skipBroken?: boolean },
  split: SplitImages,
): Promise<RunData> {
  const { height, channels } = split.test;
  return {
    source: dataSource(data),
    seed,
    size: height,
    channels,
    test: await testFingerprint(split),
    ...(skipBroken && { skipBroken }),
  };
}
