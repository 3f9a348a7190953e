/** The page that times the package on anybody's GPU (bench/browser). */
import type { DeviceRecord } from '../../bench/browser/device_record.js';
import { openPage } from '../../bench/browser/page.js';

test('the benchmark page checks, times and stops', async () => {
  const root = document.body.appendChild(document.createElement('div'));
  try {
    const done = openPage(root, new URLSearchParams('rounds=1&backends=webgl&start'));
    const found = new Promise<HTMLTableCellElement[]>((resolve) => {
      new MutationObserver((_, observer) => {
        const cells = [...root.querySelectorAll('td')];
        if (cells.length === 0) return;
        observer.disconnect();
        root.querySelector<HTMLButtonElement>('button[type=submit]')!.click();
        resolve(cells);
      }).observe(root, { childList: true, subtree: true });
    });
    const [name, host, ours, ratio] = (await found).map(({ textContent }) => textContent);
    expect(name).toBe('conv2d56²×64, forward');
    for (const time of [host, ours]) expect(time).toMatch(/^\d+(\.\d+)?$/);
    expect(ratio).toMatch(/^\d+\.\d\d$/);
    await done;
    expect(root.querySelectorAll('td').length).toBe(4);
    expect('running' in root.dataset).toBe(false);
  } finally {
    root.remove();
  }
});

test('the benchmark page saves what it measured as a file', async () => {
  const root = document.body.appendChild(document.createElement('div'));
  const createObjectURL = URL.createObjectURL.bind(URL);
  try {
    const query = 'rounds=1&backends=webgl&start&only=';
    await openPage(root, new URLSearchParams(`${query}depthwiseConv2d 14²×256`));
    const blobs: Blob[] = [];
    URL.createObjectURL = (blob) => {
      blobs.push(blob as Blob);
      return createObjectURL(blob);
    };
    const save = [...root.querySelectorAll('button')].find(({ textContent }) => textContent === 'Save as JSON')!;
    save.click();
    const record = JSON.parse(await blobs[0]!.text()) as DeviceRecord;
    expect(record).toMatchObject({
      format: 1,
      userAgent: navigator.userAgent,
      rounds: 1,
      backends: [{ name: 'webgl' }],
    });
    const shapes = record.backends[0]!.rows.map(({ title, shape, ...outcome }) => [title, shape, Object.keys(outcome)]);
    const times = ['host', 'ours', 'rounds'];
    expect(shapes).toEqual([
      ['depthwiseConv2d', '14²×256, forward', times],
      ['depthwiseConv2d', '14²×256, forward + gradients', times],
    ]);
  } finally {
    URL.createObjectURL = createObjectURL;
    root.remove();
  }
});

test('the benchmark page times the main thread in a captured step, once both losses are equal', async () => {
  const root = document.body.appendChild(document.createElement('div'));
  try {
    await openPage(root, new URLSearchParams('rounds=1&backends=webgl&only=main thread&start'));
    const rows = [...root.querySelectorAll('tbody tr')].map((row) =>
      [...row.querySelectorAll('td')].map(({ textContent }) => textContent),
    );
    expect(rows).toEqual([
      [
        'MobileNetV1 α = 0.25, main thread32², batch 32, training step not captured, captured',
        ...[/^\d+(\.\d+)?$/, /^\d+(\.\d+)?$/, /^\d+\.\d\d$/].map((form) => expect.stringMatching(form) as unknown),
      ],
    ]);
  } finally {
    root.remove();
  }
}, 300_000);
