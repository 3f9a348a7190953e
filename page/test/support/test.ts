/**
 * The test function of the page: fails also when the page logs an error, breaks its policy, asks another origin or cannot
 * replay what it captured.
 */
import { expect, test as base } from '@playwright/test';

interface Watch {
  /** Errors that a test expects, as parts of their text; it empties nothing else. */
  readonly expectErrors: RegExp[];
}

export const test = base.extend<{ watch: Watch }>({
  watch: [
    async ({ page, baseURL }, use) => {
      const errors: string[] = [];
      const expectErrors: RegExp[] = [];
      page.on('console', (message) => {
        const isFault =
          message.type() === 'error' || message.text().startsWith('A captured function runs the ordinary way');
        if (isFault) errors.push(message.text().slice(0, 300));
      });
      page.on('pageerror', ({ message }) => errors.push(message.slice(0, 300)));
      page.on('request', (request) => {
        const { protocol, origin } = new URL(request.url());
        if (protocol.startsWith('http') && origin !== baseURL) errors.push(`asked ${request.url().slice(0, 200)}`);
      });
      await use({ expectErrors });
      expect(errors.filter((text) => !expectErrors.some((pattern) => pattern.test(text)))).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
