/** Effective receptive fields: a heat map of each pixel's influence, with a frame around the theoretical field. */
import type { EffectiveReceptiveField } from '../analysis/effective_receptive_field.js';
import { rangeError } from '../errors.js';
import { pngDataUrl } from './png.js';
import { loadVega, THEME } from './vega.js';
import { checkList } from '../support/check_list.js';
import { checkFields } from '../support/check_fields.js';

/** Colours from no influence to the largest. */
const COLOURS = ['#ffffff', '#c9ddf0', '#6baed6', '#2171b5', '#08306b'] as const;
const FRAMES = {
  field: { name: 'theoretical receptive field', colour: '#d55e00', dash: [6, 4] },
  extent: { name: '95 % of the influence along each axis', colour: '#009e73', dash: [1, 0] },
} as const;
/** Longer side of an image in the plot. */
const SIDE = 300;
const COLUMNS = 3;

/**
 * Draws effective receptive fields: the darker a pixel, the more it influences the output position. Colours follow the
 * square root of the influence relative to the largest in the map, so that faint pixels remain visible.
 *
 * @param fields results of `effectiveReceptiveField`
 * @param titles title of each map; by default the layer and its position
 * @returns SVG text
 * @throws RangeError for no field or another number of titles; MissingPackageError if `vega`, `vega-lite`,
 * `vega-interpreter` or `fast-png` is not installed
 * @see Luo et al., "Understanding the Effective Receptive Field in Deep Convolutional Neural Networks" (2016), Figure 1
 * @example
 * ```ts
 * import { effectiveReceptiveFieldPlot } from 'tfjs-convolutions/plots';
 *
 * const model = conv.mobileNetV1({ alpha: 0.25, inputShape: [32, 32, 3] });
 * const field = await conv.effectiveReceptiveField(model, tf.randomNormal([2, 32, 32, 3]), { layer: 'conv_pw_5' });
 * console.log((await effectiveReceptiveFieldPlot([field])).startsWith('<svg')); // true
 * ```
 */
export async function effectiveReceptiveFieldPlot(
  fields: readonly EffectiveReceptiveField[],
  titles?: readonly string[],
): Promise<string> {
  const action = 'draw effective receptive fields';
  checkList(action, 'fields', fields, 'fields');
  for (const [index, field] of fields.entries()) {
    const kind = 'a result of effectiveReceptiveField()';
    checkFields(action, `fields[${index}]`, field, kind, ['layer', 'position', 'map', 'imageSize']);
  }
  const labels = titles ?? fields.map(({ layer, position }) => `${layer} at [${position.join(', ')}]`);
  if (fields.length === 0) throw rangeError(action, 'there must be at least one field', 'fields', 0);
  if (labels.length !== fields.length) {
    throw rangeError(
      action,
      `there must be one title for each of the ${fields.length} fields`,
      'titles',
      labels.length,
    );
  }
  const draw = await loadVega();
  const panels: object[] = [];
  for (const [index, field] of fields.entries()) panels.push(panel(field, labels[index]!, await heat(field.map)));
  return draw({
    title: { text: 'What the pixels of the image count for one output position' },
    columns: COLUMNS,
    spacing: 24,
    concat: panels,
    config: THEME,
  });
}

function panel(field: EffectiveReceptiveField, title: string, url: string): object {
  const { imageSize, theoretical, extent } = field;
  const [height, width] = imageSize;
  const scale = SIDE / Math.max(height, width);
  const x = { type: 'quantitative', scale: { domain: [-0.5, width - 0.5], nice: false }, title: null } as const;
  const y = { type: 'quantitative', scale: { domain: [height - 0.5, -0.5], nice: false }, title: null } as const;
  const axis = { grid: false, tickCount: 5 };
  const frame = { left: -0.5, top: -0.5, right: width - 0.5, bottom: height - 0.5, url };
  const boxes = [
    // Parts outside the image are cut off; the frame then runs along its border.
    ...(theoretical === null ? [] : [{ ...edges(inside(theoretical, height, width)), ...FRAMES.field }]),
    { ...edges(extent), ...FRAMES.extent },
  ];
  const names = Object.values(FRAMES);
  return {
    width: width * scale,
    height: height * scale,
    title: { text: title, fontSize: 13, fontWeight: 'normal', anchor: 'middle', offset: 4 },
    layer: [
      {
        data: { values: [frame] },
        mark: {
          type: 'image',
          smooth: false,
          aspect: false,
          width: width * scale,
          height: height * scale,
          align: 'left',
          baseline: 'top',
        },
        encoding: {
          x: { ...x, field: 'left', axis },
          y: { ...y, field: 'top', axis },
          url: { field: 'url', type: 'nominal' },
        },
      },
      {
        // Invisible marks that add the colour legend of the image.
        data: {
          values: [
            { x: 0, y: 0, share: 0 },
            { x: 0, y: 0, share: 1 },
          ],
        },
        mark: { type: 'point', opacity: 0 },
        encoding: {
          x: { ...x, field: 'x' },
          y: { ...y, field: 'y' },
          color: {
            field: 'share',
            type: 'quantitative',
            scale: { type: 'sqrt', domain: [0, 1], range: COLOURS },
            legend: { title: 'influence', format: '.0%', gradientLength: 150, values: [0, 0.05, 0.25, 0.5, 1] },
          },
        },
      },
      ...boxes.map(({ dash, ...box }) => ({
        data: { values: [box] },
        mark: { type: 'rect', fill: null, strokeWidth: 1.6, strokeDash: dash, clip: true },
        encoding: {
          x: { ...x, field: 'left' },
          x2: { field: 'right' },
          y: { ...y, field: 'top' },
          y2: { field: 'bottom' },
          stroke: {
            field: 'name',
            type: 'nominal',
            scale: { domain: names.map(({ name }) => name), range: names.map(({ colour }) => colour) },
            legend: {
              title: null,
              orient: 'bottom',
              direction: 'vertical',
              symbolType: 'stroke',
              symbolSize: 200,
              labelLimit: 600,
            },
          },
        },
      })),
      {
        data: { values: [frame] },
        mark: { type: 'rect', fill: null, stroke: '#999', strokeWidth: 1 },
        encoding: {
          x: { ...x, field: 'left' },
          x2: { field: 'right' },
          y: { ...y, field: 'top' },
          y2: { field: 'bottom' },
        },
      },
    ],
  };
}

/** First and last row and column of the part of a field inside the image. */
function inside(
  { top, left, height, width }: NonNullable<EffectiveReceptiveField['theoretical']>,
  imageHeight: number,
  imageWidth: number,
): EffectiveReceptiveField['extent'] {
  return {
    top: Math.max(top, 0),
    left: Math.max(left, 0),
    bottom: Math.min(top + height, imageHeight) - 1,
    right: Math.min(left + width, imageWidth) - 1,
  };
}

/** Pixel centres are integers, so a box extends half a pixel further. */
function edges({ top, left, bottom, right }: EffectiveReceptiveField['extent']): EffectiveReceptiveField['extent'] {
  return { top: top - 0.5, left: left - 0.5, bottom: bottom + 0.5, right: right + 0.5 };
}

/** Influence map as an image, one pixel per pixel. */
function heat(map: EffectiveReceptiveField['map']): Promise<string> {
  const largest = map.flat().reduce((most, share) => Math.max(most, share), 0);
  const stops = COLOURS.map((colour) => [1, 3, 5].map((start) => parseInt(colour.slice(start, start + 2), 16)));
  const values = map.flat().flatMap((share) => {
    const position = Math.sqrt(share / largest) * (stops.length - 1);
    const below = Math.min(Math.floor(position), stops.length - 2);
    return stops[below]!.map((value, channel) => value + (stops[below + 1]![channel]! - value) * (position - below));
  });
  return pngDataUrl({ values, height: map.length, width: map[0]!.length, channels: 3 });
}
