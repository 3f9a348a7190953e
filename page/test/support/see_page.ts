/** The See part in tests: its scene, and the dots on it. */
import { expect, type Locator, type Page } from '@playwright/test';

/** [row, column], or [y, x] in pixels of the image. */
export type Position = readonly [number, number];

export interface ShownDot {
  readonly y: number;
  readonly x: number;
  readonly r: number;
}

/** Figure with a heading that begins so. */
export const figure = (page: Page, name: string): Locator =>
  page.locator('.see figure').filter({ has: page.getByRole('heading', { name: new RegExp(`^${name}`) }) });

export const live = (page: Page): Locator => figure(page, 'Deformable: what');

/** Opens See and waits for what its networks say of the first scene. */
export async function openSee(page: Page): Promise<void> {
  await page.goto('/#see');
  await expect(live(page).locator('.see-hull circle')).toHaveCount(9);
  await expect(page.locator('.see-maps figure')).toHaveCount(4);
}

export async function dotsOf(panel: Locator): Promise<ShownDot[]> {
  return panel.locator('.see-dots circle, .see-hull circle').evaluateAll((circles) => {
    const value = (circle: Element, name: string): number => Number(circle.getAttribute(name));
    return circles.map((circle) => ({ y: value(circle, 'cy'), x: value(circle, 'cx'), r: value(circle, 'r') }));
  });
}

/** Largest distance between dots and places, in pixels of the image. */
export function farthest(
  dots: readonly ShownDot[],
  places: readonly { readonly y: number; readonly x: number }[],
): number {
  expect(dots).toHaveLength(places.length);
  return Math.max(...places.map(({ y, x }, index) => Math.hypot(y - dots[index]!.y, x - dots[index]!.x)));
}

/** The digit as the scene shows it. */
export async function placementOf(page: Page): Promise<{ readonly at: Position; readonly scale: number }> {
  const [y, x, scale] = (await live(page).getAttribute('data-placement'))!.split(',').map(Number);
  return { at: [y!, x!], scale: scale! };
}

export async function positionOf(page: Page): Promise<Position> {
  const [row, column] = (await live(page).getAttribute('data-position'))!.split(',').map(Number);
  return [row!, column!];
}

/** A function from locations in pixels of the scene to those on the screen. */
export async function screenOf(
  page: Page,
): Promise<(location: Position) => { readonly x: number; readonly y: number }> {
  const paper = live(page).locator('svg');
  await paper.scrollIntoViewIfNeeded();
  const { x, y, width } = (await paper.boundingBox())!;
  const unit = width / 54;
  return ([down, right]) => ({ x: x + (right + 3.5) * unit, y: y + (down + 3.5) * unit });
}

export async function expectTaken(page: Page, digit: number): Promise<void> {
  await expect(page.getByText(`It takes the picture for ${digit}`)).toBeVisible();
}
