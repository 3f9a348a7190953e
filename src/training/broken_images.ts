import path from 'node:path';
import { CorruptFileError, oneLine, type Action } from '../errors.js';

/** Most characters of an error that lists files. */
const LONGEST = 700;

/** Broken files of a data set. */
export class BrokenImages {
  private readonly found: { readonly file: string; readonly error: Error }[] = [];

  /** @param root path of the data set */
  constructor(
    private readonly action: Action,
    private readonly root: string,
  ) {}

  /** Paths of the files. */
  get files(): readonly string[] {
    return this.found.map(({ file }) => file);
  }

  add(file: string, error: Error): void {
    this.found.push({ file, error });
  }

  /**
   * Throws if there are any.
   *
   * @throws the error of the only one, or CorruptFileError with the names of all, as far as one line holds them
   */
  check(): void {
    const [first, ...others] = this.found;
    if (first === undefined) return;
    if (others.length === 0) throw first.error;
    const names: string[] = [];
    let left = LONGEST;
    for (const file of this.files) {
      const name = oneLine(path.relative(this.root, file));
      if (names.length > 0 && (left -= name.length + 2) < 0) break;
      names.push(name);
    }
    const more = names.length < this.found.length ? `, and ${this.found.length - names.length} more` : '';
    const rule = `no image may be broken, but ${this.found.length} are (skipBroken, --skip-broken pass over them): `;
    throw new CorruptFileError(this.action, `${rule}${names.join(', ')}${more}`, this.root);
  }
}
