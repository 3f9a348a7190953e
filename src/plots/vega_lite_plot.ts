/** Custom charts in the style of the other plots. */
import { loadVega, THEME } from './vega.js';
import { typeError } from '../errors.js';

/**
 * Draws a Vega-Lite specification, with the colours and sizes of the other plots unless it sets its own.
 *
 * @param spec a specification as https://vega.github.io/vega-lite describes it, data included
 * @returns SVG text
 * @throws TypeError if it is not a specification; MissingPackageError if the packages `vega` and `vega-lite` are not installed
 * @example
 * ```ts
 * import { vegaLitePlot } from 'tfjs-convolutions/plots';
 *
 * const values = [2, 4, 8].map((alpha) => ({ alpha, macs: alpha ** 2 }));
 * const encoding = { x: { field: 'alpha', type: 'quantitative' }, y: { field: 'macs', type: 'quantitative' } };
 * console.log((await vegaLitePlot({ data: { values }, mark: 'line', encoding })).startsWith('<svg')); // true
 * ```
 */
export async function vegaLitePlot(spec: object): Promise<string> {
  const draw = await loadVega();
  try {
    return await draw({ config: THEME, ...spec });
  } catch (error) {
    if (!String(error).includes('Invalid specification')) throw error;
    throw typeError('draw the chart', 'spec must be a Vega-Lite specification', 'spec', spec);
  }
}
