/** Behaviour of the page: select, start, watch, copy, save. */
import { activate, findBackends, type Backend } from './backends.js';
import { element, layOut, tableOf, type Layout } from './layout.js';
import { contestsOf } from './contests.js';
import { deviceRecord, type Measured } from './device_record.js';
import { finish, runContests, type Row } from './run.js';
import { markdown, milliseconds, ratio, shapeOf } from './table.js';

/**
 * Fills the element. The query `?rounds=5&backends=webgl,wasm&only=conv2d&start` chooses and starts without a click; `only`
 * is a text of the comparisons to run. While a run is on, the element has the attribute `data-running`.
 */
export async function openPage(root: HTMLElement, query: URLSearchParams): Promise<void> {
  const page = layOut(root);
  const { form, rounds, start, copy, save } = page;
  rounds.value = query.get('rounds') ?? rounds.value;
  const chosen = offer(page, await findBackends(), query.get('backends')?.split(','));
  let results: Results = { rounds: 0, measured: [] };
  let stopped = false;
  const begin = async (): Promise<void> => {
    root.dataset['running'] = '';
    start.textContent = 'Stop';
    copy.disabled = save.disabled = true;
    stopped = false;
    try {
      const settings = { rounds: Math.max(1, rounds.valueAsNumber || 1), only: query.get('only') ?? '' };
      results = { rounds: settings.rounds, measured: await run(page, chosen(), settings, () => stopped) };
      copy.disabled = save.disabled = false;
      page.progress.hidden = true;
    } catch (error) {
      page.status.textContent = String(error);
    }
    start.textContent = 'Start';
    delete root.dataset['running'];
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if ('running' in root.dataset) stopped = true;
    else void begin();
  });
  copy.addEventListener('click', () => {
    void navigator.clipboard.writeText(textOf(results)).then(() => {
      copy.textContent = 'Copied';
      setTimeout(() => (copy.textContent = 'Copy as Markdown'), 2000);
    });
  });
  save.addEventListener('click', () => {
    download(deviceRecord(results.measured, results.rounds));
  });
  if (query.has('start')) await begin();
}

/** Results for the buttons to copy and save. */
interface Results {
  readonly rounds: number;
  readonly measured: readonly Measured[];
}

function textOf({ rounds, measured }: Results): string {
  const tables = measured.map(({ backend, rows }) => markdown(backend, rows, rounds));
  return `${tables.join('\n')}\n${navigator.userAgent}, ${rounds} rounds\n`;
}

function download(record: object): void {
  const href = URL.createObjectURL(new Blob([`${JSON.stringify(record, null, 1)}\n`], { type: 'application/json' }));
  element('a', { href, download: 'tfjs-convolutions-device.json' }).click();
  // The browser reads it before it runs anything else of this page, or a moment later.
  setTimeout(() => {
    URL.revokeObjectURL(href);
  }, 10_000);
}

/** Creates a checkbox for each backend; the result returns the selected ones. */
function offer(page: Layout, backends: readonly Backend[], wanted: readonly string[] | undefined): () => Backend[] {
  const boxes = backends.map(({ name, device, present }) => {
    // The cpu backend takes minutes, and nobody chooses it for its speed.
    const checked = present && (wanted ? wanted.includes(name) : name !== 'cpu');
    const box = element('input', { type: 'checkbox', disabled: !present, checked });
    page.backends.append(element('label', {}, box, name, element('small', { textContent: device })));
    return box;
  });
  return () => backends.filter((_, index) => boxes[index]!.checked);
}

/** Runs the backends until `isStopped`. */
async function run(
  { bar, progress, status, results }: Layout,
  backends: readonly Backend[],
  { rounds, only }: { readonly rounds: number; readonly only: string },
  isStopped: () => boolean,
): Promise<Measured[]> {
  const measured: Measured[] = [];
  bar.max = backends.reduce((sum, { name }) => sum + contestsOf(name, only).length, 0);
  bar.value = 0;
  progress.hidden = false;
  results.replaceChildren();
  for (const backend of backends) {
    if (isStopped()) break;
    const { name, device } = backend;
    const body = tableOf(results, name, device);
    const rows: Row[] = [];
    status.textContent = `${name}: starting`;
    await activate(name);
    await runContests(contestsOf(name, only), name, rounds, {
      isStopped,
      begun: ({ title, shape }) => {
        status.textContent = `${name}: ${title}, ${shape}`;
      },
      ended: (row) => {
        rows.push(row);
        body.append(lineOf(row, rounds));
        bar.value++;
      },
    });
    finish();
    measured.push({ backend, rows });
  }
  return measured;
}

function lineOf(row: Row, wanted: number): HTMLTableRowElement {
  const { contest, outcome } = row;
  const name = element('td', {}, contest.title, element('small', { textContent: shapeOf(row, wanted) }));
  if ('failure' in outcome) {
    return element('tr', {}, name, element('td', { className: 'failure', colSpan: 3, textContent: outcome.failure }));
  }
  const texts = [milliseconds(outcome.host), milliseconds(outcome.ours), ratio(outcome)];
  const cells = texts.map((textContent) => element('td', { textContent }));
  if (outcome.ours < outcome.host) cells.at(-1)!.className = 'better';
  return element('tr', {}, name, ...cells);
}
