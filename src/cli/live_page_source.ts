/** The page of `train --live`: one document without anything from elsewhere, which draws the events of the server. */

const STYLE = `
:root { color-scheme: light dark; --back: #fbfbfa; --card: #fff; --ink: #1d1d1f; --soft: #5f6368; --line: #dcdcd8;
  --train: #1f6feb; --test: #c2410c; }
@media (prefers-color-scheme: dark) { :root { --back: #141414; --card: #1e1e1e; --ink: #ececec; --soft: #a3a3a3;
  --line: #3a3a3a; --train: #6cb0ff; --test: #ff9d5c; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 75rem; background: var(--back); color: var(--ink);
  font: 1rem/1.45 system-ui, sans-serif; }
h1 { font-size: 1.25rem; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1rem; margin: 0 0 .25rem; }
p { margin: 0 0 .75rem; color: var(--soft); }
progress { width: 100%; height: .75rem; accent-color: var(--train); }
main { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); }
section { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem; min-width: 0; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--soft); font-size: 11px; }
.grid { stroke: var(--line); } .train { stroke: var(--train); } .test { stroke: var(--test); }
path { fill: none; stroke-width: 1.5; } circle { fill: var(--test); }
.key { display: inline-flex; gap: .4rem; align-items: center; margin-right: 1rem; color: var(--soft); font-size: .875rem; }
.key::before { content: ''; width: 1rem; border-top: 2px solid var(--train); } .key.of-test::before { border-color: var(--test); }
img { max-width: 100%; image-rendering: pixelated; }
`;

const SCRIPT = `
const steps = [], epochs = [];
let run = { title: '', epochs: 1, stepsPerEpoch: 1 };
const byId = (id) => document.getElementById(id);
const percent = (value) => (100 * value).toFixed(1) + ' %';
const plain = (value) => value.toPrecision(3);
const SIZE = [400, 220], LEFT = 52, RIGHT = 10, TOP = 10, BOTTOM = 24;

function element(name, attributes, text) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  if (text !== undefined) made.textContent = text;
  return made;
}

function draw(id, format, curves, most) {
  const [width, height] = SIZE, svg = byId(id), all = curves.flatMap((curve) => curve.points);
  const values = all.map((point) => point[1]).filter(Number.isFinite);
  const low = 0, high = most ?? Math.max(...values);
  if (values.length === 0) return;
  const span = high > low ? high - low : Math.abs(high) || 1, last = Math.max(run.epochs, 1e-9);
  const x = (value) => LEFT + (value / last) * (width - LEFT - RIGHT);
  const y = (value) => TOP + (1 - (value - low) / span) * (height - TOP - BOTTOM);
  const parts = [0, 0.5, 1].flatMap((part) => [
    element('line', { class: 'grid', x1: LEFT, x2: width - RIGHT, y1: y(low + part * span), y2: y(low + part * span) }),
    element('text', { x: LEFT - 6, y: y(low + part * span) + 4, 'text-anchor': 'end' }, format(low + part * span)),
  ]);
  parts.push(element('text', { x: LEFT, y: height - 6 }, '0'));
  parts.push(element('text', { x: width - RIGHT, y: height - 6, 'text-anchor': 'end' }, run.epochs + (run.epochs === 1 ? ' epoch' : ' epochs')));
  for (const { points, name } of curves) {
    const good = points.filter((point) => Number.isFinite(point[1]));
    const d = good.map((point, at) => (at ? 'L' : 'M') + x(point[0]).toFixed(1) + ' ' + y(point[1]).toFixed(1)).join('');
    parts.push(element('path', { class: name, d }));
    if (name === 'test') for (const point of good) parts.push(element('circle', { cx: x(point[0]), cy: y(point[1]), r: 2.5 }));
  }
  svg.replaceChildren(...parts);
  const latest = curves.filter((curve) => curve.points.length > 0)
    .map((curve) => (curve.name === 'test' ? 'test images ' : 'training ') + format(curve.points.at(-1)[1]));
  svg.setAttribute('aria-label', svg.dataset.name + ': ' + latest.join(', '));
}

let isWaiting = false;
function redraw() {
  if (isWaiting) return;
  isWaiting = true;
  requestAnimationFrame(() => {
    isWaiting = false;
    const of = (rows, key) => rows.map((row) => [row.at, row[key]]);
    draw('loss', plain, [{ name: 'train', points: of(steps, 'loss') }, { name: 'test', points: of(epochs, 'testLoss') }]);
    draw('accuracy', percent, [{ name: 'train', points: of(steps, 'accuracy') }, { name: 'test', points: of(epochs, 'testAccuracy') }], 1);
    draw('rate', plain, [{ name: 'train', points: of(steps, 'rate') }]);
  });
}

function say(text) { byId('status').textContent = text; }

function showStep(step) {
  const done = step.at / run.epochs, epoch = Math.min(Math.floor(step.at - 1e-9) + 1, run.epochs);
  byId('progress').value = done;
  byId('now').textContent = 'epoch ' + epoch + ' of ' + run.epochs + ', loss ' + plain(step.loss) + ', accuracy ' +
    percent(step.accuracy) + ', ' + Math.round(step.speed) + ' images/s';
}

const source = new EventSource('events');
const on = (name, act) => source.addEventListener(name, (event) => act(JSON.parse(event.data)));
on('run', (message) => {
  run = message;
  steps.length = epochs.length = 0;
  document.title = message.title;
  byId('title').textContent = message.title;
  byId('seen').hidden = !message.hasPreview;
  if (message.hasPreview) byId('preview').src = 'preview.png';
  say('training');
});
on('steps', (list) => {
  steps.push(...list);
  if (steps.length > 4000) steps.splice(0, steps.length, ...steps.filter((step, at) => at % 2 === 0));
  if (list.length > 0) showStep(list.at(-1));
  redraw();
});
on('epoch', (record) => {
  epochs.push(record);
  say('after epoch ' + record.at + ': test loss ' + plain(record.testLoss) + ', test accuracy ' + percent(record.testAccuracy));
  redraw();
});
on('end', (message) => { source.close(); say(message.text); });
source.onerror = () => say('the run does not answer any more');
`;

const chart = (id: string, name: string, hasTest: boolean): string => `<section><h2>${name}</h2>
<svg id="${id}" data-name="${name}" viewBox="0 0 400 220" role="img" aria-label="${name}"></svg>
<span class="key">training</span>${hasTest ? '<span class="key of-test">test images</span>' : ''}</section>`;

/** The document; only styles and scripts with the nonce may run in it. */
export function livePage(nonce: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Training</title><link rel="icon" href="data:,"><style nonce="${nonce}">${STYLE}</style></head>
<body><h1 id="title">Training</h1><p id="status" role="status">connecting</p>
<progress id="progress" max="1" value="0" aria-label="Progress of the run"></progress><p id="now">&nbsp;</p>
<main>${chart('loss', 'Loss', true)}${chart('accuracy', 'Accuracy', true)}${chart('rate', 'Learning rate', false)}
<section id="seen" hidden><h2>Training images as the network sees them</h2>
<img id="preview" alt="Augmented training images, in rows of eight"></section></main>
<script nonce="${nonce}">${SCRIPT}</script></body></html>
`;
}
