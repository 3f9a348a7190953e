/** Growth of receptive fields from layer to layer. */
import { withNewField, type LayerReceptiveField, type ReceptiveFieldReport } from '../analysis/receptive_field.js';
import { rangeError } from '../errors.js';
import { layerAxis, loadVega, PALETTE, rowKey, THEME } from './vega.js';
import { checkFields } from '../support/check_fields.js';

const KINDS = { fixed: 'fixed places', moved: 'behind a deformable layer: at zero offsets' } as const;
const AXES = ['height', 'width'] as const;

const ACTION = 'draw receptive fields';

/**
 * Draws the receptive fields of a model's layers, each around its centre, in comparison with the image size. Layers
 * with the same field as the layer before are omitted.
 *
 * @param report result of `receptiveField`
 * @returns SVG text
 * @throws RangeError for a report without layers; MissingPackageError if `vega`, `vega-lite` or
 * `vega-interpreter` is not installed
 * @example
 * ```ts
 * import { receptiveFieldPlot } from 'tfjs-convolutions/plots';
 *
 * const svg = await receptiveFieldPlot(conv.receptiveField(conv.mobileNetV1({ alpha: 0.25 })));
 * console.log(svg.startsWith('<svg')); // true
 * ```
 */
export async function receptiveFieldPlot(report: ReceptiveFieldReport): Promise<string> {
  checkFields(ACTION, 'report', report, 'a report of receptiveField()', ['layers', 'imageSize']);
  const { layers, imageSize } = report;
  if (layers.length === 0) throw rangeError(ACTION, 'there must be at least one layer', 'layers', 0);
  const draw = await loadVega();
  const shown = withNewField(layers.map((layer, index) => ({ ...layer, index })));
  const last = layers.at(-1)!;
  const isSquare = shown.every(({ size }) => size[0] === size[1]) && imageSize[0] === imageSize[1];
  const panels = ([0, 1] as const)
    .slice(0, isSquare ? 1 : 2)
    .map((axis) => panel(shown, imageSize[axis], axis, isSquare));
  return draw({
    title: {
      text: `Receptive fields grow to ${Math.max(...layers.map(({ size }) => size[0]))}×${Math.max(...layers.map(({ size }) => size[1]))} pixels`,
      subtitle: [
        `images of ${imageSize.join('×')}: between the dashed lines; only layers that see more than the one before`,
        ...(last.global ? ['the last layers see the whole image besides'] : []),
      ],
    },
    spacing: 24,
    hconcat: panels,
    config: THEME,
  });
}

function panel(
  shown: readonly (LayerReceptiveField & { readonly index: number })[],
  image: number,
  axis: 0 | 1,
  isSquare: boolean,
): object {
  const values = shown.map(({ name, index, size, stride, dataDependent }) => ({
    row: rowKey(name, index),
    first: -size[axis] / 2,
    last: size[axis] / 2,
    kind: dataDependent ? KINDS.moved : KINDS.fixed,
    label: `${size[axis]}, stride ${String(Math.round(stride[axis] * 100) / 100)}`,
  }));
  const moved = shown.some(({ dataDependent }) => dataDependent);
  const reach = Math.max(image, ...shown.map(({ size }) => size[axis])) / 2;
  const x = {
    type: 'quantitative',
    title: `pixels from the middle${isSquare ? '' : `, ${AXES[axis]}`}`,
    scale: { domain: [-reach * 1.04, reach * 1.6], nice: false },
    axis: { tickCount: 7, grid: false },
  } as const;
  return {
    width: isSquare ? 560 : 360,
    height: { step: 17 },
    data: { values },
    encoding: { y: layerAxis(axis === 0) },
    layer: [
      {
        mark: { type: 'bar', height: 11 },
        encoding: {
          x: { ...x, field: 'first' },
          x2: { field: 'last' },
          color: {
            field: 'kind',
            scale: { domain: Object.values(KINDS), range: [PALETTE.blue, PALETTE.vermillion] },
            legend: moved ? { title: null, orient: 'bottom', labelLimit: 600 } : null,
          },
        },
      },
      {
        mark: { type: 'text', align: 'left', dx: 6, fontSize: 11, color: '#333' },
        encoding: { x: { ...x, datum: reach * 1.04 }, text: { field: 'label' } },
      },
      ...[-image / 2, image / 2].map((edge) => ({
        data: { values: [{ edge }] },
        mark: { type: 'rule', strokeDash: [5, 4], color: '#555' },
        encoding: { x: { ...x, field: 'edge' }, y: null },
      })),
    ],
  };
}
