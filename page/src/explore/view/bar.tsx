/** Cell of a table: a figure, and a bar as long as its fraction of the largest one. */
import type { JSX } from 'preact';

export function Bar({
  value,
  most,
  text,
}: {
  readonly value: number;
  readonly most: number;
  readonly text: string;
}): JSX.Element {
  return (
    <td>
      {text}
      <svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
        <rect width={most === 0 ? 0 : (100 * value) / most} height={1} />
      </svg>
    </td>
  );
}
