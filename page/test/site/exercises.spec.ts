/** Exercises of the articles: the site checks answers and gives the reason. */
import { accessibilityFaults } from '../support/accessibility.js';
import { SCHEMES } from '../support/sizes.js';
import { expect, test } from '../support/test.js';

test('an answer is right or wrong, field by field, with the reason of the article', async ({ page }) => {
  await page.goto('/convolutions/depthwise_separable.html');
  const exercise = page.locator('form.exercise').first();
  const outcome = exercise.getByRole('status');
  const reason = exercise.locator('.reason');
  await exercise.getByLabel('parameters of both halves').fill('39');
  await exercise.getByRole('button', { name: 'Check' }).click();
  await expect(outcome).toHaveText('Fill in: of a plain layer');
  await exercise.getByLabel('of a plain layer').fill('106');
  await page.keyboard.press('Enter');
  await expect(outcome).toHaveText('Not right: of a plain layer');
  await expect(reason).toBeHidden();
  await exercise.getByText('Why').click();
  await expect(reason).toBeVisible();
  await exercise.getByLabel('of a plain layer').fill('108');
  await expect(outcome).toHaveText('');
  await page.keyboard.press('Enter');
  await expect(outcome).toHaveText('Right.');
  await expect(reason).toBeVisible();
  await expect(reason).toHaveText('27 + 12 = 39, and 108.');
});

test('answers may be choices, fractions and numbers with commas, in either language', async ({ page }) => {
  await page.goto('/ko/convolutions/spatially_separable.html');
  const second = page.locator('form.exercise').nth(1);
  await second.getByLabel('남는 비율').fill('2/7');
  await second.getByRole('button', { name: '확인' }).click();
  await expect(second.getByRole('status')).toHaveText('맞았습니다.');
  await page.goto('/ko/convolutions/depthwise.html');
  const [size, , grey] = await page.locator('form.exercise').all();
  await size!.getByLabel('파라미터').fill('288');
  await size!.getByLabel('곱셈-덧셈').fill('3,612,672');
  await size!.getByRole('button', { name: '확인' }).click();
  await expect(size!.getByRole('status')).toHaveText('맞았습니다.');
  await grey!.getByLabel('예', { exact: true }).check();
  await grey!.getByRole('button', { name: '확인' }).click();
  await expect(grey!.getByRole('status')).toHaveText('틀린 곳: 답');
  await grey!.getByLabel('아니요').check();
  await grey!.getByRole('button', { name: '확인' }).click();
  await expect(grey!.getByRole('status')).toHaveText('맞았습니다.');
});

test('exercises have no fault that axe knows, light and dark', async ({ page }) => {
  await page.goto('/convolutions/depthwise_separable.html');
  for (const scheme of SCHEMES) {
    await page.evaluate((appearance) => {
      localStorage.setItem('vitepress-theme-appearance', appearance);
    }, scheme);
    await page.reload();
    const forms = page.locator('form.exercise');
    await expect(forms).toHaveCount(3);
    await forms.nth(1).getByLabel('yes').check();
    for (const form of await forms.all()) await form.getByRole('button').click();
    await expect(forms.nth(1).getByRole('status')).toHaveText('Not right: answer');
    expect(await accessibilityFaults(page, undefined, 'form.exercise')).toEqual([]);
  }
});
