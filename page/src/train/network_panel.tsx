/** Panel to choose the network to train: one from the list or an imported one. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { messageOf } from '../shared/message_of.js';
import { Notice } from '../shared/notice.js';
import { Choice } from './choice.js';
import { FilePicker } from '../shared/file_picker.js';
import type { Form, ImportedNetwork } from './form.js';
import { short } from './format.js';
import { Fold } from './fold.js';
import { isNetworkName, NETWORK_NAMES, NETWORKS } from './network_list.js';
import { PIXEL_VALUES, pixelValuesOf, type PixelValues } from './pixel_values.js';
import type { NetworkCost } from './protocol.js';
import { TRUNKS, trunkTitle, type TrunkChoice } from './trunks.js';
import { useCosts, useTrunkCosts } from './use_costs.js';
import { readModelFiles } from '../shared/read_model_files.js';
import type { Worker } from './use_training.js';

interface NetworkPanelProps {
  readonly form: Form;
  readonly change: (part: Partial<Form>) => void;
  readonly worker: () => Promise<Worker>;
  /** True to show the networks on offer, before the first run. */
  readonly opens: boolean;
}

/** The built-in digits are too small for pretrained networks. */
const NONE: readonly TrunkChoice[] = [];

export function NetworkPanel({ form, change, worker, opens }: NetworkPanelProps): JSX.Element {
  const costs = useCosts(form, worker);
  const trunks = form.data === 'images' ? TRUNKS : NONE;
  const trunkCosts = useTrunkCosts(trunks, form.classes.length, worker);
  const [problem, setProblem] = useState<string>();
  const { imported } = form;
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    setProblem(undefined);
    try {
      await work();
    } catch (error) {
      setProblem(`${messageOf(error)}. Nothing else has changed.`.replace('..', '.'));
    }
  };
  return (
    <Fold id="network-title" title="Network" value={titleOf(form)} opens={opens}>
      <div class="options" role="radiogroup" aria-labelledby="network-title">
        {trunks.map((trunk) => (
          <Choice
            key={trunk}
            group="network"
            title={trunkTitle(trunk)}
            checked={form.network === trunk}
            onChoose={() => {
              change({ network: trunk });
            }}
          >
            Has learned from drawings; only its last layer learns your classes, from a few images in seconds.{' '}
            {describe(trunkCosts.get(trunk))}
          </Choice>
        ))}
        {NETWORK_NAMES.map((name) => (
          <Choice
            key={name}
            group="network"
            title={NETWORKS[name].title}
            checked={form.network === name}
            onChoose={() => {
              change({ network: name });
            }}
          >
            {NETWORKS[name].summary} {describe(costs?.[name])}
          </Choice>
        ))}
        {imported && (
          <Choice
            group="network"
            title="Imported network"
            checked={form.network === 'imported'}
            onChoose={() => {
              change({ network: 'imported' });
            }}
          >
            Sorts images of {imported.facts.inputShape.join(' × ')} into {imported.facts.classNames.join(', ')}.{' '}
            {describe(imported.facts)}
          </Choice>
        )}
      </div>
      {form.network === 'imported' && imported && (
        <ImportedNotes
          imported={imported}
          onChoose={(values) =>
            void attempt(async () => {
              const { engine } = await worker();
              change({ imported: await engine.rescale(imported.files, values) });
            })
          }
        />
      )}
      {problem !== undefined && <Notice kind="error">{problem}</Notice>}
      <div class="row">
        <FilePicker
          label="Import a network …"
          description="Import a network: model.json and its weights"
          accept=".json,.bin"
          multiple
          onFiles={(files) =>
            void attempt(async () => {
              const model = await readModelFiles(files);
              const { engine } = await worker();
              const facts = await engine.describeModel(model, form.backend ?? 'cpu');
              change({ network: 'imported', imported: { files: model, facts } });
            })
          }
        />
        <span class="quiet">model.json and its weights together, as exported here or saved by TensorFlow.js</span>
      </div>
    </Fold>
  );
}

interface ImportedNotesProps {
  readonly imported: ImportedNetwork;
  readonly onChoose: (values: PixelValues) => void;
}

/** Assumptions about an imported network. */
function ImportedNotes({ imported: { facts }, onChoose }: ImportedNotesProps): JSX.Element {
  return (
    <>
      {facts.addsSoftmax && (
        <Notice kind="info">Its outputs are scores; here, a softmax makes probabilities of them.</Notice>
      )}
      {facts.isAssumed && (
        <label class="field">
          Pixel values that it takes
          <select
            value={pixelValuesOf(facts.preprocessing)}
            onChange={({ currentTarget }) => onChoose(currentTarget.value as PixelValues)}
          >
            {(Object.keys(PIXEL_VALUES) as PixelValues[]).map((name) => (
              <option key={name} value={name}>
                {PIXEL_VALUES[name]}
              </option>
            ))}
          </select>
        </label>
      )}
    </>
  );
}

function titleOf({ network }: Form): string {
  if (network === 'imported') return 'Imported network';
  return isNetworkName(network) ? NETWORKS[network].title : trunkTitle(network);
}

function describe(cost: NetworkCost | undefined): string {
  return cost ? `${short(cost.params)} parameters, ${short(cost.macs)} multiply-adds an image.` : '';
}
