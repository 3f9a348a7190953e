/** Chromium as the page is looked at in: with a software renderer for WebGL and WebGPU, and a camera. */
import type { LaunchOptions } from 'playwright-core';
import { findChromium } from './session.js';

export function chromiumOptions(): LaunchOptions & { executablePath: string } {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('Cannot open the page: Chromium was not found ($CHROMIUM, $PATH)');
  return {
    executablePath,
    args: [
      '--enable-unsafe-webgpu',
      '--use-webgpu-adapter=swiftshader',
      '--enable-unsafe-swiftshader',
      // A camera that shows a moving test picture, and permission for it.
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      // The sandbox refuses to start for the root of a container.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  };
}
