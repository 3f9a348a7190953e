/** Comparison plot of models: bars of parameters, cost, receptive field and latency. */
import type { CompareReport } from '../analysis/compare.js';
import { formatShape } from '../analysis/report.js';
import { loadVega, PALETTE, THEME } from './vega.js';
import { checkFields } from '../support/check_fields.js';

const WIDTH = 200;

/**
 * Draws a comparison of models: one row per model, with its parameters, multiply-adds, receptive field and latency. A
 * thin line spans the fastest to the slowest run.
 *
 * @param report result of `compare`
 * @returns SVG text
 * @throws MissingPackageError if `vega`, `vega-lite` or `vega-interpreter` is not installed
 * @example
 * ```ts
 * import { comparePlot } from 'tfjs-convolutions/plots';
 *
 * const model = conv.mobileNetV1({ alpha: 0.25, inputShape: [32, 32, 3] });
 * const svg = await comparePlot(await conv.compare({ model }, { runs: 1 }));
 * console.log(svg.startsWith('<svg')); // true
 * ```
 */
export async function comparePlot(report: CompareReport): Promise<string> {
  checkFields('draw the comparison of models', 'report', report, 'a report of compare()', ['models', 'inputShapes']);
  const { models, backend, batchSize, runs, inputShapes } = report;
  const draw = await loadVega();
  const deformable = models.some(({ offsetMacs }) => offsetMacs > 0);
  const rows = models.map(({ name, params, macs, offsetMacs, receptiveField, latency }) => {
    const size = receptiveField?.size ?? [0, 0];
    return { name, params, macs: macs + offsetMacs, side: Math.max(...size), ...latency };
  });
  const bar = (field: keyof (typeof rows)[number], title: string, colour: string, named = false): object => {
    const largest = Math.max(...rows.map((row) => Number(row[field === 'median' ? 'max' : field])));
    const quantity = (of: string): object => quantityAxis(of, title, largest);
    return {
      width: WIDTH,
      height: { step: 34 },
      layer: [
        { mark: { type: 'bar', height: 20, color: colour }, encoding: { x: quantity(field) } },
        {
          mark: { type: 'text', align: 'left', dx: 5, fontSize: 11, color: '#333' },
          encoding: {
            x: quantity(field),
            text: { field, type: 'quantitative', format: field === 'median' ? '.3~r' : '.4~s' },
          },
        },
        ...(field === 'median'
          ? [
              {
                mark: { type: 'rule', color: '#333' },
                encoding: {
                  x: quantity('min'),
                  x2: { field: 'max' },
                  y: { ...rowAxis(named), bandPosition: 0.9 },
                },
              },
            ]
          : []),
      ],
      encoding: { y: rowAxis(named) },
    };
  };
  const batch = `${batchSize} × ${inputShapes.map(formatShape).join(', ')}`;
  return draw({
    title: {
      text: models.length === 1 ? models[0]!.name : `What ${models.length} models cost and see`,
      subtitle: `latency: median of ${runs} runs on ${backend}, batch ${batch}`,
    },
    data: { values: rows },
    spacing: 45,
    bounds: 'flush',
    hconcat: [
      bar('params', 'parameters', PALETTE.green, true),
      bar('macs', deformable ? 'multiply-adds, with those of offsets' : 'multiply-adds', PALETTE.blue),
      bar('side', 'receptive field (pixels, longer side)', PALETTE.orange),
      bar('median', 'latency (ms)', PALETTE.pink),
    ],
    config: THEME,
  });
}

function quantityAxis(field: string, title: string, largest: number): object {
  // Leaves space for the numbers behind the bars.
  const scale = { domain: [0, Math.max(largest, 1e-9) * 1.3], nice: false };
  return { field, type: 'quantitative', title, axis: { format: '~s', tickCount: 4 }, scale };
}

function rowAxis(named: boolean): object {
  const axis = named ? { title: null, labelLimit: 400, domain: false, ticks: false } : null;
  return { field: 'name', type: 'nominal', sort: null, axis };
}
