/** The page that times the package on anybody's GPU (bench/browser). */
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
