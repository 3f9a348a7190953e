/** The value of `--augment`: `flip,rotate=10,zoom=0.1`, `rand=2:9`. */
import { InvalidArgumentError } from 'commander';
import { AUGMENTATION_OPTIONS, checkAugmentation, type Augmentation } from '../training/augmentation.js';

/** Parses names with values; `flip` alone swaps left and right, and what is not named stays as it is. */
export function parseAugment(text: string): Augmentation {
  const parts = text.split(',').map((part) =>
    part
      .trim()
      .replace(/^randaugment$/i, 'rand')
      .split('='),
  );
  const given: Record<string, unknown> = { zoom: 0, shift: 0 };
  const seen = new Set<string>();
  for (const [name = '', value, ...rest] of parts) {
    if (!Object.hasOwn(AUGMENTATION_OPTIONS, name) || rest.length > 0 || seen.has(name)) {
      const names = Object.keys(AUGMENTATION_OPTIONS).join(', ');
      throw new InvalidArgumentError(`It must be a list such as flip,rotate=10,zoom=0.1 of ${names}, each once.`);
    }
    seen.add(name);
    given[name] = valueOf(name, value);
  }
  try {
    return checkAugmentation(given as unknown as Augmentation);
  } catch (error) {
    // "Cannot train: ⟨rule⟩, received …" has the rule.
    const [, rule = ''] = /^Cannot train: (.*), received /s.exec((error as Error).message) ?? [];
    throw new InvalidArgumentError(`${rule.charAt(0).toUpperCase()}${rule.slice(1)}.`);
  }
}

/** Checks the value and returns it as it was written, to be saved with a run. */
export function augmentText(text: string): string {
  parseAugment(text);
  return text;
}

function valueOf(name: string, value: string | undefined): unknown {
  if (name === 'flip') return value ?? 'horizontal';
  if (name === 'rand') return randOf(value);
  if (value !== undefined && /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value)) return Number(value);
  throw new InvalidArgumentError(
    `${name} must have a number of at least 0, such as ${name}=${name === 'rotate' ? 10 : 0.2}.`,
  );
}

/** Number and magnitude of the operations of RandAugment: `2:9`; without a value, their defaults. */
function randOf(value: string | undefined): unknown {
  if (value === undefined) return {};
  const [, operations, magnitude] = /^(\d{1,9}):(\d{1,9})$/.exec(value) ?? [];
  if (operations === undefined) throw new InvalidArgumentError('rand must have two numbers, such as rand=2:9.');
  return { operations: Number(operations), magnitude: Number(magnitude) };
}
