/** A network in numbers: its layers with their cost, receptive fields and samples. */
import './report_panel.css';
import type { JSX } from 'preact';
import type { Axes, LayerRow, NetworkReport } from './messages.js';

const count = (value: number): string => value.toLocaleString('en');
/** Uses no-break spaces, so that a size stays in one line. */
const size = ([height, width]: Axes): string => `${height}\u00a0×\u00a0${width}`;

export function ReportPanel({ report }: { readonly report: NetworkReport | string }): JSX.Element {
  return (
    <section class="panel" aria-labelledby="see-report">
      <h3 id="see-report">Its layers in numbers</h3>
      {typeof report === 'string' ? <p>{report}</p> : <Report {...report} />}
    </section>
  );
}

function Report({ rows, parameters, macs, uncounted }: NetworkReport): JSX.Element {
  const deepest = rows.filter(({ field }) => field !== undefined).at(-1)?.field;
  const deformable = rows.filter(({ samples }) => samples !== undefined).length;
  return (
    <>
      <p>
        {rows.length} layers, {count(parameters)} parameters, {count(macs)} multiply-adds for one image
        {deepest && `; a position of the last map can see ${size(deepest)} pixels`}.{' '}
        {deformable === 0 ? 'No layer is deformable.' : `Deformable: ${deformable}.`}
        {uncounted.length > 0 && ` Not counted: ${uncounted.join(', ')}.`}
      </p>
      <div class="see-scroll" tabIndex={0} role="region" aria-label="Layers">
        <table class="see-report">
          <thead>
            <tr>
              <th scope="col">layer</th>
              <th scope="col">class</th>
              <th scope="col">output</th>
              <th scope="col">parameters</th>
              <th scope="col">multiply-adds</th>
              <th scope="col">field, px</th>
              <th scope="col">step, px</th>
              <th scope="col">samples</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              <Row key={index} {...row} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Row({ name, type, outputShape, parameters, macs, field, stride, samples }: LayerRow): JSX.Element {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{type}</td>
      <td>{outputShape.join('\u00a0×\u00a0')}</td>
      <td>{count(parameters)}</td>
      <td>{count(macs)}</td>
      <td>{field && size(field)}</td>
      <td>{stride && size(stride)}</td>
      <td>{samples !== undefined && `${samples}, moved`}</td>
    </tr>
  );
}
