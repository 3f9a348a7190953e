/** What axe finds wrong with the page as it stands, one line a fault. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';

/**
 * @param rules axe's names of those to check; all without
 * @param within selector of the part of the page to check; the whole page without
 */
export async function accessibilityFaults(page: Page, rules?: readonly string[], within?: string): Promise<string[]> {
  const builder = new AxeBuilder({ page });
  const axe = within === undefined ? builder : builder.include(within);
  const { violations } = await (rules === undefined ? axe : axe.withRules([...rules])).analyze();
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ target }) => `${id}: ${help} (${target.join(' ')})`));
}
