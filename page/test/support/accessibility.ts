/** What axe finds wrong with the page as it stands, one line a fault. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';

/** @param rules axe's names of those to check; all without */
export async function accessibilityFaults(page: Page, rules?: readonly string[]): Promise<string[]> {
  const axe = new AxeBuilder({ page });
  const { violations } = await (rules === undefined ? axe : axe.withRules([...rules])).analyze();
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ target }) => `${id}: ${help} (${target.join(' ')})`));
}
