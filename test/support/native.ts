/**
 * tfjs-node in the tests: loaded only when a test needs it, since loading takes a second and makes it the active
 * backend.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const load = createRequire(__filename);

/** Reason why tfjs-node cannot run here; undefined if its native library is installed. */
export function nativeAbsence(): string | undefined {
  const lib = path.join(path.dirname(load.resolve('@tensorflow/tfjs-node/package.json')), 'lib');
  const bindings = fs.existsSync(lib) ? fs.readdirSync(lib) : [];
  return bindings.some((version) => fs.existsSync(path.join(lib, version, 'tfjs_binding.node')))
    ? undefined
    : 'tfjs-node has no native library: npm run setup -- native';
}

/** Registers the backend 'tensorflow'. */
export function loadNative(): void {
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  // It captures the current logger, for a progress bar that it adds to every fit.
  const { log } = console;
  console.log = (): void => undefined;
  try {
    load('@tensorflow/tfjs-node');
  } finally {
    console.log = log;
  }
}
