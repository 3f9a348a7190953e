/** Chart of memory while photos are read and trained on. */
import { loadVega, PALETTE, THEME } from '../../src/plots/vega.js';
import type { PhotoSample } from './photo_run.js';

/**
 * Draws the chart.
 *
 * @param title title
 * @param samples memory of the process over time
 * @param modelBytes memory of the same run on a few photos, in bytes
 */
export async function photoChart(title: string, samples: readonly PhotoSample[], modelBytes: number): Promise<string> {
  const draw = await loadVega();
  const mebibytes = (bytes: number): number => bytes / 2 ** 20;
  const values = samples.map(({ part, seconds, residentBytes }) => ({
    part,
    seconds,
    memory: mebibytes(residentBytes),
  }));
  const y = { field: 'memory', type: 'quantitative', title: 'memory of the process, MiB', scale: { zero: true } };
  const beside = { memory: mebibytes(modelBytes), text: 'the same training on 200 photos' };
  return draw({
    title: { text: title },
    width: 640,
    height: 220,
    layer: [
      {
        data: { values },
        mark: { type: 'line', strokeWidth: 2 },
        encoding: {
          x: { field: 'seconds', type: 'quantitative', title: 'seconds' },
          y,
          color: {
            field: 'part',
            type: 'nominal',
            title: null,
            scale: { domain: ['reading all once', 'training'], range: [PALETTE.orange, PALETTE.blue] },
          },
        },
      },
      { data: { values: [beside] }, mark: { type: 'rule', strokeDash: [4, 4] }, encoding: { y } },
      {
        data: { values: [beside] },
        mark: { type: 'text', align: 'left', dx: 6, dy: -6 },
        encoding: { x: { value: 0 }, y, text: { field: 'text' } },
      },
    ],
    config: THEME,
  });
}
