/** Differences between a file of weights and a model, as errors list them. */

/** Differences between a file and a model, each with layer, weight and shape. */
export interface WeightMismatch {
  /** Weights of the model that are not in the file. */
  readonly missing: readonly string[];
  /** Tensors in the file that are not in the model. */
  readonly unknown: readonly string[];
  /** Weights whose tensor has another shape, or a type that cannot be read. */
  readonly misshapen: readonly string[];
}

const MAX_ENTRIES = 2;
const MAX_LENGTH = 90;
const MAX_DETAILS = 400;

/** True if there is no difference. */
export function isMatch(mismatch: WeightMismatch): boolean {
  return Object.values(mismatch).every((entries) => (entries as unknown[]).length === 0);
}

/** The rule that a file has broken, with the first differences. */
export function matchRule(mismatch: WeightMismatch, reason?: string): string {
  const kinds = (['missing', 'unknown', 'misshapen'] as const).filter((kind) => mismatch[kind].length > 0);
  const found = kinds.map((kind) => `${mismatch[kind].length} ${kind}: ${excerpt(mismatch[kind])}`);
  const details = [...(reason === undefined ? [] : [reason]), ...found].join('; ');
  return `the file must contain exactly the model's weights (${clip(details, MAX_DETAILS)})`;
}

/** Joins the first few entries. */
function excerpt(entries: readonly string[]): string {
  const shown = entries.slice(0, MAX_ENTRIES).map((entry) => clip(entry, MAX_LENGTH));
  return [...shown, ...(entries.length > MAX_ENTRIES ? ['…'] : [])].join(', ');
}

function clip(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
