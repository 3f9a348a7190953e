/** Table of the metrics of every epoch. */
import type { JSX } from 'preact';
import { duration, percent, whole } from './format.js';
import type { EpochRow } from './protocol.js';

export function EpochTable({ rows }: { readonly rows: readonly EpochRow[] }): JSX.Element | null {
  if (rows.length === 0) return null;
  return (
    <details>
      <summary>Metrics of every epoch</summary>
      <div class="scroll" tabIndex={0} role="region" aria-label="Metrics of every epoch">
        <table>
          <thead>
            <tr>
              {['Epoch', 'Loss', 'Right', 'Test loss', 'Test right', 'Time', 'Tensors held'].map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.epoch}>
                <th scope="row">{row.epoch}</th>
                <td>{row.loss.toFixed(4)}</td>
                <td>{percent(row.accuracy)}</td>
                <td>{row.testLoss.toFixed(4)}</td>
                <td>{percent(row.testAccuracy)}</td>
                <td>{duration(row.seconds)}</td>
                <td>{whole(row.tensors)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="quiet">
        “Right” is the share of images whose class the network names. “Tensors held” is what the backend keeps in
        memory: it stays the same, so nothing leaks.
      </p>
    </details>
  );
}
