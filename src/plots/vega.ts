/**
 * Draws Vega-Lite specifications as SVG text, without a DOM. Vega is an optional package and an ES module. Its expressions
 * are interpreted, not compiled, so that pages whose policy forbids `eval` draw the same charts.
 */
import { loadOptional } from '../support/optional_package.js';

const PACKAGES = 'vega vega-lite vega-interpreter';

/** Draws a specification. */
export type DrawSpec = (spec: object) => Promise<string>;

/** Colour palette of M. Okabe and K. Ito, which is distinguishable with any colour vision. */
export const PALETTE = {
  blue: '#0072b2',
  skyBlue: '#56b4e9',
  orange: '#e69f00',
  vermillion: '#d55e00',
  green: '#009e73',
  pink: '#cc79a7',
} as const;

/** Style shared by all plots: white background, readable sizes, no frame. */
export const THEME = {
  background: 'white',
  font: 'sans-serif',
  padding: 16,
  view: { stroke: null },
  title: { fontSize: 16, subtitleFontSize: 12, subtitleColor: '#555', anchor: 'start', offset: 12, subtitlePadding: 4 },
  axis: {
    labelFontSize: 12,
    titleFontSize: 13,
    gridColor: '#e5e5e5',
    titleFontWeight: 'normal',
    labelColor: '#333',
    titleColor: '#333',
  },
  legend: { labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal', labelColor: '#333', titleColor: '#333' },
  header: { labelFontSize: 13, titleFontSize: 13 },
} as const;

/** The same on a dark background. */
export const DARK_THEME = {
  ...THEME,
  background: '#10161c',
  title: { ...THEME.title, color: '#e8edf2', subtitleColor: '#a9b6c3' },
  axis: {
    ...THEME.axis,
    gridColor: '#2c3640',
    domainColor: '#6b7a88',
    tickColor: '#6b7a88',
    labelColor: '#d5dde4',
    titleColor: '#d5dde4',
  },
  legend: { ...THEME.legend, labelColor: '#d5dde4', titleColor: '#d5dde4' },
} as const;

/** Axis of charts with one row per layer, in the order of computation; a shared layer has one row per call. */
export function layerAxis(named: boolean): object {
  const names = "slice(datum.label, indexof(datum.label, ':') + 1)";
  return {
    field: 'row',
    type: 'nominal',
    sort: null,
    axis: named ? { title: null, labelExpr: names, labelLimit: 400, domain: false, ticks: false } : null,
  };
}

/** Key of a layer's row: its name prefixed with its index, since names may repeat. */
export function rowKey(name: string, index: number): string {
  return `${index}:${name}`;
}

/**
 * Loads vega, vega-lite and vega-interpreter.
 *
 * @throws MissingPackageError If one of them is not installed.
 */
export async function loadVega(): Promise<DrawSpec> {
  // Sequentially, since jest's loader of ES modules fails on modules that two imports request at once.
  const { vega, vegaLite, expr } = await loadOptional('draw pictures', PACKAGES, async () => ({
    vega: await import('vega'),
    vegaLite: await import('vega-lite'),
    expr: (await import('vega-interpreter')).expressionInterpreter,
  }));
  return async (spec) => {
    const compiled = vegaLite.compile(spec as Parameters<typeof vegaLite.compile>[0]);
    const view = new vega.View(vega.parse(compiled.spec, undefined, { ast: true }), { renderer: 'none', expr });
    try {
      return await view.toSVG();
    } finally {
      view.finalize();
    }
  };
}
