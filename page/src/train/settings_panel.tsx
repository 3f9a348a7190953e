/** Panel of hyperparameters and of the backend, folded at first. */
import type { JSX } from 'preact';
import type { ProbedBackend } from '../engine/backends.js';
import { BackendPanel } from './backend_panel.js';
import { Fold } from './fold.js';
import { ImageSize } from './image_size.js';
import { NUMBER_RULES, type Form, type SettingFields } from './form.js';

const HELP = {
  epochs: 'how often each image is seen',
  batchSize: 'images per step',
  learningRate: 'size of the first steps; it falls to 0',
  seed: 'the same seed gives the same run',
} as const satisfies Record<keyof typeof NUMBER_RULES, string>;

interface SettingsPanelProps {
  readonly form: Form;
  readonly change: (part: Partial<Form>) => void;
  readonly backends: readonly ProbedBackend[] | undefined;
}

export function SettingsPanel({ form, change, backends }: SettingsPanelProps): JSX.Element {
  const fields = form.settings[form.data];
  const set = (part: Partial<SettingFields>): void => {
    change({ settings: { ...form.settings, [form.data]: { ...fields, ...part } } });
  };
  return (
    <Fold id="settings-title" title="Settings" value={summaryOf(form)}>
      <div class="settings">
        {(Object.keys(NUMBER_RULES) as (keyof typeof NUMBER_RULES)[]).map((name) => (
          <label key={name}>
            {NUMBER_RULES[name].title}
            <input
              type="text"
              inputMode="decimal"
              value={fields[name]}
              aria-describedby={`about-${name}`}
              onInput={({ currentTarget }) => {
                set({ [name]: currentTarget.value });
              }}
            />
            <span class="quiet" id={`about-${name}`}>
              {HELP[name]}
            </span>
          </label>
        ))}
        {form.data === 'images' && <ImageSize form={form} change={change} />}
      </div>
      <BackendPanel form={form} change={change} backends={backends} />
    </Fold>
  );
}

function summaryOf({ settings, data, backend }: Form): string {
  const { epochs, batchSize } = settings[data];
  return `${epochs} ${epochs === '1' ? 'epoch' : 'epochs'}, batches of ${batchSize}${backend === undefined ? '' : `, on ${backend}`}`;
}
