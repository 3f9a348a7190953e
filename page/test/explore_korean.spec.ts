/** The picture in Korean, as the Korean articles of the guide show it: no word of English in any of its states. */
import type { Locator, Page } from '@playwright/test';
import { accessibilityFaults } from './support/accessibility.js';
import { SCHEMES } from './support/sizes.js';
import { expect, test } from './support/test.js';
import { notKorean, textsOf } from './support/texts_of.js';

const TITLES = {
  plain: '일반 합성곱',
  dilated: '팽창 합성곱',
  transposed: '전치 합성곱',
  depthwise: '깊이별 합성곱',
  pointwise: '점별 합성곱(1×1)',
  'depthwise-separable': '깊이별 분리 합성곱',
  'spatially-separable': '공간 분리 합성곱',
  grouped: '그룹 합성곱',
  deformable: '변형 가능 합성곱',
  'roi-pooling': '변형 가능 RoI 풀링',
} as const;

const SMALL = 'plain?lang=ko&height=5&width=5&image=random&preset=random';

const output = (page: Page): Locator => page.getByRole('grid', { name: /^출력/ });

/** Opens a picture and waits for its numbers. */
async function open(page: Page, address: string): Promise<void> {
  // Only another fragment would not load the page again.
  await page.goto('about:blank');
  await page.goto(`/#embed/${address}`);
  await expect(output(page).getByRole('gridcell').first()).toHaveAccessibleName(/^1행 1열: /);
}

async function expectKorean(page: Page, state: string): Promise<void> {
  const texts = await textsOf(page.locator('#page'));
  expect(texts.filter((text) => /[가-힣]/.test(text)).length, state).toBeGreaterThan(20);
  expect(notKorean(texts), state).toEqual([]);
}

async function expectFits(page: Page): Promise<void> {
  for (const width of [312, 688, 1280]) {
    await page.setViewportSize({ width, height: 720 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  }
}

/** Types a number that is out of range, and then one that is not. */
async function breakRule(page: Page, field: Locator): Promise<void> {
  await field.fill('1000');
  await expect(page.getByRole('alert')).toContainText('그림의 값은 그대로');
  await expectKorean(page, 'out of range');
  await field.fill('1');
  await expect(page.getByRole('alert')).toHaveCount(0);
}

/** Clicks a cell, also one whose middle is not painted while the output is being filled. */
const choose = (cell: Locator): Promise<void> => cell.dispatchEvent('click');

/** Does everything that a person can do with the picture. */
async function walk(page: Page): Promise<void> {
  for (const act of await page.getByRole('radio').all()) {
    await act.check();
    await expectKorean(page, 'an act');
  }
  if ((await page.getByRole('radio').count()) > 0) await page.getByRole('radio').first().check();
  await page.getByRole('button', { name: '재생' }).click();
  await expect(page.getByRole('button', { name: '일시 정지' })).toBeVisible();
  await expectKorean(page, 'playing');
  await page.getByRole('button', { name: '일시 정지' }).click();
  await expectKorean(page, 'paused');
  await choose(output(page).getByRole('gridcell').last());
  await expectKorean(page, 'the last output cell');
  for (const name of [/^입력/, /커널/]) {
    for (const grid of await page.getByRole('grid', { name }).all()) {
      await choose(grid.getByRole('gridcell').first());
      await expectKorean(page, `a cell of ${name.source}`);
    }
  }
  for (const stack of await page.getByRole('list', { name: /의 채널/ }).all()) {
    await stack.getByRole('button').last().click();
    await expectKorean(page, 'another channel');
  }
  for (const label of ['가중치', '아래로 이동', '아래쪽 오프셋']) {
    const field = page.getByRole('spinbutton', { name: label });
    if ((await field.count()) > 0) await breakRule(page, field.first());
  }
  await page.getByLabel('역전파: 기울기 보기').check();
  await expect(page.locator('figcaption').filter({ hasText: '기울기' }).first()).toBeVisible();
  await expectKorean(page, 'gradients');
}

for (const [name, title] of Object.entries(TITLES)) {
  test(`the picture of ${name} is in Korean, whatever is chosen, fits and has no fault that axe knows`, async ({
    page,
  }) => {
    await open(page, `${name}?lang=ko`);
    await expect(page.locator('html')).toHaveAttribute('lang', 'ko');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(title);
    await expectKorean(page, 'opened');
    await walk(page);
    await expectFits(page);
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      expect(await accessibilityFaults(page)).toEqual([]);
    }
    await open(page, `${name}?lang=ko&channels=6&filters=6&groups=3&stack=3&padding=amount&mode=reflect&image=photo`);
    await walk(page);
    await expectFits(page);
    await open(page, `${name}?lang=ko&image=drawing`);
    await expectKorean(page, 'a drawing');
    await page.goto('about:blank');
    await page.goto(`/#embed/${name}?lang=ko&numbers=none&padding=same`);
    await expect(output(page)).toBeVisible();
    await expectKorean(page, 'without numbers');
  });
}

test('a language that there is not is English', async ({ page }) => {
  await page.goto('/#embed/plain?lang=xx');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Plain');
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
});

for (const script of ['embed_part', 'korean']) {
  test(`a frame whose script ${script} does not arrive says so in Korean`, async ({ page, watch }) => {
    watch.expectErrors.push(/Failed to load resource|net::ERR/);
    await page.route(`**/assets/${script}-*.js`, (route) => route.abort());
    await page.goto('/#embed/plain?lang=ko');
    await expect(page.getByRole('alert')).toHaveText(/^그림을 불러오지 못했습니다/);
    expect(notKorean(await textsOf(page.locator('#page')))).toEqual([]);
  });
}

test('numbers that do not arrive are announced in Korean', async ({ page, watch }) => {
  watch.expectErrors.push(/Failed to load resource|net::ERR|Uncaught Error: broken/);
  await page.route('**/assets/worker-*.js', (route) => route.abort());
  await page.goto(`/#embed/${SMALL}`);
  await expect(page.getByRole('alert')).toHaveText('계산하지 못했습니다. 스크립트를 불러오지 못했습니다.');
  await expectKorean(page, 'no worker');
  await page.unroute('**/assets/worker-*.js');
  await page.route('**/assets/worker-*.js', (route) =>
    route.fulfill({
      contentType: 'text/javascript',
      headers: { 'Cross-Origin-Embedder-Policy': 'require-corp' },
      body: "throw new Error('broken')",
    }),
  );
  await page.getByRole('button', { name: '다시 시도' }).click();
  // Reasons that the browser gives stay in its language, and are marked as such.
  await expect(page.getByRole('alert').locator('[lang=en]')).toHaveText('Uncaught Error: broken');
});

test('numbers that take long are announced in Korean', async ({ page }) => {
  await page.route('**/assets/worker-*.js', () => undefined);
  await page.clock.install();
  await page.goto(`/#embed/${SMALL}`);
  await expect(page.getByRole('button', { name: '재생' })).toBeVisible();
  await page.clock.fastForward(21_000);
  await expect(page.getByRole('alert')).toContainText('평소보다 훨씬 오래 걸립니다');
  await expectKorean(page, 'late');
});
