/** Packages that only some uses need: loaded when used, and one line that names the install command when missing. */

/** An optional package that is not installed. */
export class MissingPackageError extends Error {
  override readonly name = 'MissingPackageError';

  constructor(action: string, packages: string) {
    super(`Cannot ${action}: it needs a package that is not installed; run: npm install ${packages}`);
  }
}

/**
 * The module that `load` imports.
 *
 * @param action what it is needed for, as in "Cannot ⟨action⟩: …"
 * @param packages names of the packages, separated by blanks, as `npm install` takes them
 * @param load imports or resolves them
 * @throws MissingPackageError if one of them is not installed
 */
export async function loadOptional<T>(action: string, packages: string, load: () => T | Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (isNotFound(error)) throw new MissingPackageError(action, packages);
    throw error;
  }
}

function isNotFound(error: unknown): boolean {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
}
