/** Cost plot of a model's layers: bars of multiply-adds and parameters. */
import type { CostReport, LayerCost } from '../analysis/cost.js';
import { formatCount, formatShape } from '../analysis/report.js';
import { rangeError } from '../errors.js';
import { layerAxis, loadVega, PALETTE, rowKey, THEME } from './vega.js';
import { checkFields } from '../support/check_fields.js';

const KINDS = ['multiply-adds', 'multiply-adds that predict offsets'] as const;
const PANEL_WIDTH = 330;

const ACTION = 'draw the cost of a model';

/**
 * Draws the cost of each layer of a model in the order of computation: multiply-adds, with those that predict offsets
 * shown separately, and parameters. Layers without multiply-adds and with less than 1 % of the parameters are omitted.
 *
 * @param report result of `cost`
 * @returns SVG text
 * @throws RangeError if no layer has multiply-adds or parameters; MissingPackageError if `vega`, `vega-lite` or
 * `vega-interpreter` is not installed
 * @example
 * ```ts
 * import { costPlot } from 'tfjs-convolutions/plots';
 *
 * const svg = await costPlot(conv.cost(conv.mobileNetV1({ alpha: 0.25, inputShape: [64, 64, 3] })));
 * console.log(svg.startsWith('<svg')); // true
 * ```
 */
export async function costPlot(report: CostReport): Promise<string> {
  checkFields(ACTION, 'report', report, 'a report of cost()', ['total', 'layers', 'inputShapes']);
  const { total, layers, inputShapes } = report;
  const all = paramsOf(total);
  const shown = layers.flatMap((layer, index) => {
    const matters = layer.macs + layer.offsetMacs > 0 || paramsOf(layer) > all / 100;
    return matters ? [{ ...layer, index }] : [];
  });
  if (shown.length === 0) {
    throw rangeError(ACTION, 'a layer must have multiply-adds or parameters', 'layers', layers.length);
  }
  const draw = await loadVega();
  const offsets = total.offsetMacs > 0 ? `, ${formatCount(total.offsetMacs)} more that predict offsets` : '';
  const parts = shown.flatMap(({ name, index, macs, offsetMacs }) => [
    { row: rowKey(name, index), kind: KINDS[0], count: macs },
    ...(offsetMacs > 0 ? [{ row: rowKey(name, index), kind: KINDS[1], count: offsetMacs }] : []),
  ]);
  const weights = shown.map(({ name, index, params }) => {
    return { row: rowKey(name, index), count: params.trainable + params.nonTrainable };
  });
  return draw({
    title: {
      text: `${formatCount(total.macs)} multiply-adds${offsets}, ${formatCount(all)} parameters`,
      subtitle: `of one image of ${inputShapes.map(formatShape).join(', ')}, layer by layer`,
    },
    spacing: 24,
    hconcat: [
      panel(parts, 'multiply-adds', true, {
        color: {
          field: 'kind',
          scale: { domain: KINDS.slice(0, total.offsetMacs > 0 ? 2 : 1), range: [PALETTE.blue, PALETTE.vermillion] },
          legend: total.offsetMacs > 0 ? { title: null, orient: 'bottom', labelLimit: 600 } : null,
        },
      }),
      panel(weights, 'parameters', false, { color: { value: PALETTE.green } }),
    ],
    config: THEME,
  });
}

function panel(values: readonly object[], title: string, named: boolean, encoding: object): object {
  return {
    width: PANEL_WIDTH,
    height: { step: 15 },
    data: { values },
    mark: { type: 'bar', height: 11 },
    encoding: {
      y: layerAxis(named),
      x: { field: 'count', type: 'quantitative', title, axis: { format: '~s', tickCount: 5 } },
      ...encoding,
    },
  };
}

function paramsOf({ params }: Pick<LayerCost, 'params'>): number {
  return params.trainable + params.nonTrainable;
}
