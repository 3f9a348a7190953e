/** Optional packages: loaded when used, with an error that names the install command if they are missing. */
import { typeError } from '../errors.js';

/** An optional package that is not installed. */
export class MissingPackageError extends Error {
  override readonly name = 'MissingPackageError';

  /**
   * @param action action to name in the message: "Cannot ⟨action⟩: …"
   * @param packages names of the packages, separated by spaces
   */
  constructor(
    readonly action: string,
    readonly packages: string,
  ) {
    super(`Cannot ${action}: it needs a package that is not installed; run: npm install ${packages}`);
  }
}

/**
 * Loads optional packages.
 *
 * @param action action that needs them, named in errors: "Cannot ⟨action⟩: …"
 * @param packages names of the packages, separated by spaces, as `npm install` takes them
 * @param load imports or resolves the packages
 * @returns the result of `load`
 * @throws MissingPackageError if one of the packages is not installed
 */
export async function loadOptional<T>(action: string, packages: string, load: () => T | Promise<T>): Promise<T> {
  if (typeof load !== 'function') throw typeError(action, 'load must be a function', 'load', load);
  try {
    return await load();
  } catch (error) {
    if (isNotFound(error)) throw new MissingPackageError(action, packages);
    throw error;
  }
}

/**
 * Loads several sets of optional packages, one after the other, so that a single error names all that are missing.
 *
 * @throws MissingPackageError if packages are not installed, with the actions that need them
 */
export async function loadAllOptional(loads: readonly (() => Promise<unknown>)[]): Promise<void> {
  const missing: MissingPackageError[] = [];
  for (const load of loads) {
    try {
      await load();
    } catch (error) {
      if (!(error instanceof MissingPackageError)) throw error;
      missing.push(error);
    }
  }
  if (missing.length === 0) return;
  const actions = new Set(missing.map(({ action }) => action));
  throw new MissingPackageError([...actions].join(' and '), missing.map(({ packages }) => packages).join(' '));
}

function isNotFound(error: unknown): boolean {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
}
