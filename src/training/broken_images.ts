import path from 'node:path';
import { CorruptFileError, oneLine, type Action } from '../errors.js';

/** Most characters of an error that lists files. */
const LONGEST = 700;

/** The rule in the message of an error. */
function ruleOf({ message }: Error): string {
  return /^Cannot .*?: (.*), received file = /s.exec(message)?.[1] ?? message;
}

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
    const rule = `no image may be broken, but ${this.found.length} are (skipBroken, --skip-broken pass over them): `;
    throw new CorruptFileError(this.action, `${rule}${this.listed()}`, this.root);
  }

  /** Names of the files by the rule that they break, as many as one line holds. */
  private listed(): string {
    const byRule = new Map<string, string[]>();
    let [left, more] = [LONGEST, 0];
    for (const { file, error } of this.found) {
      const name = oneLine(path.relative(this.root, file));
      const rule = ruleOf(error);
      left -= name.length + 2 + (byRule.has(rule) ? 0 : rule.length + 2);
      if (byRule.size > 0 && left < 0) more++;
      else byRule.set(rule, [...(byRule.get(rule) ?? []), name]);
    }
    const parts = [...byRule].map(([rule, names]) => `${rule}: ${names.join(', ')}`);
    return parts.join('; ') + (more > 0 ? `, and ${more} more` : '');
  }
}
