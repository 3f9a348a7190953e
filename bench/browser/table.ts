/** The results as text, and as Markdown to paste. */
import type { Backend } from './backends.js';
import type { Row } from './run.js';

/** Milliseconds with two significant digits at the least. */
export function milliseconds(time: number): string {
  return time.toFixed(time < 1 ? 2 : time < 20 ? 1 : 0);
}

/** This package's time over the host's. */
export function ratio({ ours, host }: { readonly ours: number; readonly host: number }): string {
  return (ours / host).toFixed(2);
}

/** The shape, and how many rounds there were where they were fewer than wanted. */
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
