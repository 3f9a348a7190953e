/** Behaviour of the page: select, start, watch, copy. */
import { activate, findBackends, type Backend } from './backends.js';
import { element, layOut, tableOf, type Layout } from './layout.js';
import { contestsOf } from './contests.js';
import { finish, runContests, type Row } from './run.js';
import { markdown, milliseconds, ratio, shapeOf } from './table.js';

/**
 * Fills the element. The query `?rounds=5&backends=webgl,wasm&only=conv2d&start` chooses and starts without a click; `only`
 * is a text of the comparisons to run. While a run is on, the element has the attribute `data-running`.
 */
export async function openPage(root: HTMLElement, query: URLSearchParams): Promise<void> {
  const page = layOut(root);
  const { form, rounds, start, copy } = page;
  rounds.value = query.get('rounds') ?? rounds.value;
  const chosen = offer(page, await findBackends(), query.get('backends')?.split(','));
  let text = '';
  let stopped = false;
  const begin = async (): Promise<void> => {
    root.dataset['running'] = '';
    start.textContent = 'Stop';
    copy.disabled = true;
    stopped = false;
    try {
      const settings = { rounds: Math.max(1, rounds.valueAsNumber || 1), only: query.get('only') ?? '' };
      text = await run(page, chosen(), settings, () => stopped);
      copy.disabled = false;
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
    void navigator.clipboard.writeText(text).then(() => {
      copy.textContent = 'Copied';
      setTimeout(() => (copy.textContent = 'Copy as Markdown'), 2000);
    });
  });
  if (query.has('start')) await begin();
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

/** Runs the backends until `isStopped` and returns the tables as Markdown. */
async function run(
  { bar, progress, status, results }: Layout,
  backends: readonly Backend[],
  { rounds, only }: { readonly rounds: number; readonly only: string },
  isStopped: () => boolean,
): Promise<string> {
  const texts: string[] = [];
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
    texts.push(markdown(backend, rows, rounds));
  }
  return `${texts.join('\n')}\n${navigator.userAgent}, ${rounds} rounds\n`;
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
