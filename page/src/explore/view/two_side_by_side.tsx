/** Any two convolutions on one input, side by side, with what they cost and see as bars. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Place } from 'tfjs-convolutions/geometry';
import { useVisit } from '../../shared/use_route.js';
import { CONVOLUTIONS } from '../convolutions/index.js';
import { formatCount } from '../convolutions/common.js';
import { readState, writeState } from '../model/address.js';
import { COMMON } from '../model/common_settings.js';
import type { Convolution } from '../model/convolution.js';
import { fieldOf, fieldText, workOf } from '../model/measures.js';
import type { Answer } from '../model/question.js';
import type { Settings } from '../model/settings.js';
import { useAddress } from '../model/use_address.js';
import { Bar } from './bar.js';
import { ComparedPicture } from './compared_picture.js';
import { Controls } from './controls.js';

/** Settings that both have; each keeps what makes it what it is. */
const SHARED: Convolution = {
  ...CONVOLUTIONS[0]!,
  name: 'two',
  fields: ['height', 'width', 'channels', 'filters', 'kernelHeight', 'kernelWidth', 'stride', 'padding', 'image'],
  defaults: { ...COMMON, height: 7, width: 7, channels: 4, filters: 4 },
};

const SIDES = ['left', 'right'] as const;
type Side = (typeof SIDES)[number];

const FIRST: Readonly<Record<Side, string>> = { left: 'plain', right: 'depthwise-separable' };

export function TwoSideBySide(): JSX.Element {
  const { query } = useVisit();
  const [start] = useState(() => ({ ...readState(SHARED, query), given: new URLSearchParams(query) }));
  const [settings, setSettings] = useState<Settings>(start.settings);
  const [cell, setCell] = useState<Place>(start.cell);
  const [names, setNames] = useState<Readonly<Record<Side, string>>>({
    left: start.given.get('left') ?? FIRST.left,
    right: start.given.get('right') ?? FIRST.right,
  });
  const [answers, setAnswers] = useState<Readonly<Partial<Record<Side, Answer>>>>({});
  const chosen = (side: Side): Convolution =>
    CONVOLUTIONS.find(({ name }) => name === names[side]) ?? CONVOLUTIONS.find(({ name }) => name === FIRST[side])!;
  const state = writeState(SHARED, { settings, cell, channel: 0, act: null, seed: start.seed });
  const pair = SIDES.map((side) => `${side}=${chosen(side).name}`).join('&');
  useAddress(`${state}${state.includes('?') ? '&' : '?'}${pair}`, false);
  return (
    <article class="explorer">
      <header class="explorer-head">
        <h2>Two side by side</h2>
        <p class="quiet">Two convolutions on one input. A cell chosen in one output is chosen in the other.</p>
      </header>
      <div class="toolbar">
        {SIDES.map((side) => (
          <label class="inline-control" key={side}>
            {side === 'left' ? 'Left' : 'Right'}
            <select
              value={chosen(side).name}
              onChange={({ currentTarget }) => setNames({ ...names, [side]: currentTarget.value })}
            >
              {CONVOLUTIONS.map(({ name, title }) => (
                <option key={name} value={name}>
                  {title}
                </option>
              ))}
            </select>
          </label>
        ))}
      </div>
      <div class="two">
        {SIDES.map((side) => (
          <ComparedPicture
            key={`${side} ${chosen(side).name}`}
            label={`${side === 'left' ? 'Left' : 'Right'}: ${chosen(side).title}`}
            convolution={chosen(side)}
            {...{ settings, cell }}
            seed={start.seed}
            onChoose={setCell}
            onAnswer={(answer) => setAnswers((before) => ({ ...before, [side]: answer }))}
          />
        ))}
      </div>
      <Measures {...{ answers }} titles={{ left: chosen('left').title, right: chosen('right').title }} />
      <Controls
        convolution={SHARED}
        settings={settings}
        fault={undefined}
        onChange={(field, value) => setSettings({ ...settings, [field]: value })}
      />
    </article>
  );
}

const MEASURES = [
  { title: 'Parameters', value: ({ params }: Answer) => params, text: ({ params }: Answer) => formatCount(params) },
  { title: 'Multiply-adds', value: workOf, text: (answer: Answer) => formatCount(workOf(answer)) },
  { title: 'Receptive field', value: fieldOf, text: fieldText },
] as const;

interface MeasuresProps {
  readonly answers: Readonly<Partial<Record<Side, Answer>>>;
  readonly titles: Readonly<Record<Side, string>>;
}

/** Table with a bar for each side and measure. */
function Measures({ answers, titles }: MeasuresProps): JSX.Element {
  const known = SIDES.flatMap((side) => answers[side] ?? []);
  return (
    <div class="glance glance-table">
      <table aria-busy={known.length < SIDES.length}>
        <thead>
          <tr>
            <th scope="col">Figure</th>
            {SIDES.map((side) => (
              <th scope="col" key={side}>
                {titles[side]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {MEASURES.map(({ title, value, text }) => (
            <tr key={title}>
              <th scope="row">{title}</th>
              {SIDES.map((side) => {
                const answer = answers[side];
                if (answer === undefined) return <td key={side}>…</td>;
                return (
                  <Bar key={side} value={value(answer)} most={Math.max(...known.map(value))} text={text(answer)} />
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
