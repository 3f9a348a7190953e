/** Panel of hyperparameters. */
import type { JSX } from 'preact';
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
}

export function SettingsPanel({ form, change }: SettingsPanelProps): JSX.Element {
  const fields = form.settings[form.data];
  const set = (part: Partial<SettingFields>): void => {
    change({ settings: { ...form.settings, [form.data]: { ...fields, ...part } } });
  };
  return (
    <section class="panel" aria-labelledby="settings-title">
      <h3 id="settings-title">4. Settings</h3>
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
      <label class="option">
        <input
          type="checkbox"
          checked={fields.augmentation}
          onChange={({ currentTarget }) => {
            set({ augmentation: currentTarget.checked });
          }}
        />
        <span>
          <strong>Augment the images</strong>
          <span class="quiet">
            Shift and zoom each image a little every time it is used, so that few images go further.
          </span>
        </span>
      </label>
    </section>
  );
}
