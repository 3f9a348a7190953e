/** Optional packages that draw the pictures of a command. */
import { loadPng } from '../plots/png.js';
import { loadVega } from '../plots/vega.js';
import { loadAllOptional } from '../support/optional_package.js';

/**
 * Loads vega and fast-png. A command that draws calls this first, so that a missing package is reported before anything is
 * computed.
 *
 * @throws MissingPackageError with the names of all packages that are not installed
 */
export async function loadDrawing(): Promise<void> {
  await loadAllOptional([loadVega, loadPng]);
}
