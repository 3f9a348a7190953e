/** The curves as one picture. */
import { vegaLitePlot } from 'tfjs-convolutions/plots';
import type { CostPoint } from './cost_curves.js';
import type { StackPoint } from './receptive_fields.js';

const PANEL = { width: 300, height: 320 } as const;
const DECADES = [4, 5, 6, 7, 8, 9].map((power) => 10 ** power);
const COUNTED = 'on 32×32 output positions; points: counted layers, which lie on the formulas exactly';
const AXIS = { labelFontSize: 12, titleFontSize: 13, titleFontWeight: 'normal' } as const;

/** Draws multiply-adds over kernel size and over channels, and the receptive field over depth. */
export function drawCurves(costs: readonly CostPoint[], fields: readonly StackPoint[]): Promise<string> {
  return draw('What a convolution costs, and what it sees', COUNTED, [...costPanels(costs), fieldPanel(fields)]);
}

/** Multiply-adds over kernel size and over channels. */
export function drawCosts(costs: readonly CostPoint[]): Promise<string> {
  return draw('What a convolution costs', COUNTED, costPanels(costs));
}

/** The receptive field over depth. */
export function drawFields(fields: readonly StackPoint[]): Promise<string> {
  return draw('What stacked convolutions see', 'points: layers of the two networks', [fieldPanel(fields)]);
}

function draw(text: string, subtitle: string, panels: readonly object[]): Promise<string> {
  return vegaLitePlot({
    title: { text, subtitle, anchor: 'start' },
    hconcat: panels,
    resolve: { scale: { color: 'shared' } },
    spacing: 36,
    config: { background: 'white', font: 'sans-serif', padding: 16, view: { stroke: null }, axis: AXIS },
  });
}

function costPanels(costs: readonly CostPoint[]): readonly object[] {
  const names = [...new Set(costs.map(({ name }) => name))];
  const color = {
    field: 'name',
    scale: { domain: names, range: ['#000000', '#d55e00', '#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9'] },
    legend: { title: null, orient: 'bottom', columns: 4, symbolType: 'stroke', labelLimit: 240 },
  };
  const costPanel = (x: 'k' | 'c', title: string, values: readonly CostPoint[]): object => ({
    ...PANEL,
    data: { values },
    mark: { type: 'line', point: { size: 30 } },
    encoding: {
      x: {
        field: x,
        type: 'quantitative',
        title,
        scale: x === 'c' ? { type: 'log', base: 2 } : { domain: [1, 11], nice: false },
        axis: { values: [...new Set(values.map((value) => value[x]))], format: 'd', grid: false },
      },
      y: {
        field: 'macs',
        type: 'quantitative',
        title: 'multiply-adds',
        scale: { type: 'log' },
        axis: { format: '~s', values: DECADES },
      },
      color,
      order: { field: x },
    },
  });
  return [
    costPanel(
      'k',
      'kernel size K (64 channels)',
      costs.filter(({ c }) => c === 64),
    ),
    costPanel(
      'c',
      'channels C = M (3×3, log scale)',
      costs.filter(({ k }) => k === 3),
    ),
  ];
}

function fieldPanel(fields: readonly StackPoint[]): object {
  return {
    ...PANEL,
    data: { values: fields },
    layer: [
      {
        mark: { type: 'line', point: { size: 40 } },
        encoding: {
          strokeDash: {
            field: 'stack',
            legend: { title: null, orient: 'bottom', columns: 1, labelLimit: 300, symbolType: 'stroke' },
          },
        },
      },
      { mark: { type: 'text', dy: -10, dx: -4, align: 'right' }, encoding: { text: { field: 'size' } } },
    ],
    encoding: {
      x: {
        field: 'layer',
        type: 'quantitative',
        title: 'layers of 3×3',
        axis: { format: 'd', tickMinStep: 1, grid: false },
      },
      y: {
        field: 'size',
        type: 'quantitative',
        title: 'receptive field (pixels, log scale)',
        scale: { type: 'log', base: 2 },
      },
    },
  };
}
