/** Layout of the page. */

export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

const INTRODUCTION = `Each operator against TensorFlow.js’s own plain or depthwise convolution of the same shape, on the same
backend: median milliseconds, after both were checked to compute the same. A ratio below 1 is in this package’s favour; what a
deformable convolution is measured by does not deform. On wasm, where TensorFlow.js has no gradient of a filter, this package’s
stands in. The row “main thread” has this package on both sides: for how long a training step keeps the page from doing
anything else, without and with capture().`;

/** Elements that change. */
export interface Layout {
  readonly backends: HTMLFieldSetElement;
  readonly form: HTMLFormElement;
  readonly rounds: HTMLInputElement;
  readonly start: HTMLButtonElement;
  readonly copy: HTMLButtonElement;
  readonly save: HTMLButtonElement;
  readonly progress: HTMLElement;
  readonly bar: HTMLProgressElement;
  readonly status: HTMLElement;
  readonly results: HTMLElement;
}

export function layOut(root: HTMLElement): Layout {
  const backends = element('fieldset', {}, element('legend', { textContent: 'Backends' }));
  const rounds = element('input', { type: 'number', min: '1', max: '200', value: '10', inputMode: 'numeric' });
  const start = element('button', { type: 'submit', textContent: 'Start' });
  const copy = element('button', { type: 'button', textContent: 'Copy as Markdown', disabled: true });
  const save = element('button', { type: 'button', textContent: 'Save as JSON', disabled: true });
  const form = element('form', {}, backends, element('label', {}, 'Rounds ', rounds), start, copy, save);
  const bar = element('progress', { value: 0 });
  const status = element('p', { className: 'status', role: 'status' });
  const progress = element('div', { hidden: true }, bar, status);
  const results = element('div');
  const title = element('h1', { textContent: 'tfjs-convolutions on this device' });
  const introduction = element('p', { textContent: INTRODUCTION });
  const footer = element('footer', { textContent: navigator.userAgent });
  root.append(element('main', {}, title, introduction, form, progress, results, footer));
  return { backends, form, rounds, start, copy, save, progress, bar, status, results };
}

/** Creates the table of a backend; lines are appended to the result. */
export function tableOf(results: HTMLElement, name: string, device: string): HTMLTableSectionElement {
  const body = element('tbody');
  const heads = ['operation', 'TF.js', 'this', 'ratio'];
  const head = element('thead', {}, element('tr', {}, ...heads.map((textContent) => element('th', { textContent }))));
  results.append(
    element('h2', { textContent: name }),
    element('p', { className: 'device', textContent: device }),
    element('table', {}, head, body),
  );
  return body;
}
