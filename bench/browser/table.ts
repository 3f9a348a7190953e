/** Formats results as text, and as Markdown to paste. */
import type { Backend } from './backends.js';
import type { Row } from './run.js';

/** Formats milliseconds with at least two significant digits. */
export function milliseconds(time: number): string {
  return time.toFixed(time < 1 ? 2 : time < 20 ? 1 : 0);
}

/** Ratio of this package's time to the host's. */
export function ratio({ ours, host }: { readonly ours: number; readonly host: number }): string {
  return (ours / host).toFixed(2);
}

/** Formats the shape, with the number of rounds if it is smaller than requested. */
export function shapeOf({ contest: { shape }, outcome }: Row, wanted: number): string {
  if ('failure' in outcome || outcome.rounds === wanted) return shape;
  return `${shape}, ${outcome.rounds} of ${wanted} rounds`;
}

export function markdown(backend: Backend, rows: readonly Row[], wanted: number): string {
  const lines = rows.map((row) => {
    const { contest, outcome } = row;
    const cells =
      'failure' in outcome
        ? ['', '', outcome.failure]
        : [milliseconds(outcome.host), milliseconds(outcome.ours), ratio(outcome)];
    return `| ${[contest.title, shapeOf(row, wanted), ...cells].join(' | ')} |`;
  });
  return `**${backend.name}**: ${backend.device}

| operation | shape | TensorFlow.js, ms | tfjs-convolutions, ms | ratio |
| --- | --- | ---: | ---: | ---: |
${lines.join('\n')}
`;
}
