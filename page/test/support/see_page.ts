/** The See part in tests: its pictures, and the dots on them. */
import { expect, type Locator, type Page } from '@playwright/test';
import type { SamplingTap } from 'tfjs-convolutions';

/** [row, column]. */
export type Position = readonly [number, number];

export interface ShownDot {
  readonly y: number;
  readonly x: number;
  readonly r: number;
}

export const figure = (page: Page, name: 'Deformable' | 'Plain'): Locator =>
  page.locator('.see-pair figure').filter({ has: page.getByRole('heading', { name: new RegExp(`^${name}`) }) });

/** Opens See and waits for its first dots. */
export async function openSee(page: Page): Promise<void> {
  await page.goto('/#see');
  await expect(figure(page, 'Deformable').locator('.see-dots circle')).toHaveCount(9);
}

export async function dotsOf(panel: Locator): Promise<ShownDot[]> {
  return panel.locator('.see-dots circle').evaluateAll((circles) => {
    const value = (circle: Element, name: string): number => Number(circle.getAttribute(name));
    return circles.map((circle) => ({ y: value(circle, 'cy'), x: value(circle, 'cx'), r: value(circle, 'r') }));
  });
}

/** Largest distance between dots and places, in pixels of the image. */
export function farthest(dots: readonly ShownDot[], places: readonly SamplingTap[]): number {
  expect(dots).toHaveLength(places.length);
  return Math.max(...places.map(({ y, x }, index) => Math.hypot(y - dots[index]!.y, x - dots[index]!.x)));
}

/** Waits until the pictures show this position. */
export async function expectPosition(page: Page, position: Position): Promise<void> {
  await expect(figure(page, 'Deformable')).toHaveAttribute('data-position', position.join());
}

export async function expectTaken(page: Page, digit: number): Promise<void> {
  await expect(page.getByText(`The deformable network takes it for ${digit}`)).toBeVisible();
}

/** Moves the mouse to a place of the picture, in pixels of an image of 28×28. */
export async function pointAt(page: Page, [y, x]: Position): Promise<void> {
  const picture = figure(page, 'Deformable').locator('.see-frame svg');
  await picture.scrollIntoViewIfNeeded();
  const box = (await picture.boundingBox())!;
  const [side, margin] = [28, 0.14 * 28];
  const along = (place: number): number => (place + 0.5 + margin) / (side + 2 * margin);
  await page.mouse.move(box.x + along(x) * box.width, box.y + along(y) * box.height);
}
