/** All that a part of a page says: its texts, and the names and descriptions that only screen readers say. */
import type { Locator } from '@playwright/test';

/** Words of Latin letters that Korean texts keep: names of keys, people, licences, networks and backends. */
const KEPT = /Page (?:Up|Down)|Rachel Michetti|CC0|RoI|Faster R-CNN|wasm/g;

const ATTRIBUTES = [
  'aria-label',
  'aria-description',
  'aria-roledescription',
  'aria-valuetext',
  'title',
  'alt',
  'placeholder',
];

export const textsOf = (part: Locator): Promise<string[]> =>
  part.evaluate((element, attributes) => {
    const texts: (string | null)[] = [];
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) texts.push(walker.currentNode.textContent);
    for (const each of element.querySelectorAll('*')) texts.push(...attributes.map((name) => each.getAttribute(name)));
    return texts.filter((text) => text !== null && text.trim() !== '') as string[];
  }, ATTRIBUTES);

/** Those of the texts with letters that Korean has no use for. */
export const notKorean = (texts: readonly string[]): string[] =>
  texts.filter((text) => /\p{Script=Latin}/u.test(text.replace(KEPT, '')));
