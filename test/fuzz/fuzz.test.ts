/** A fixed sample of damaged files of each kind; `npm run fuzz` loads as many as wanted. */
import { fuzz } from './fuzz.js';
import { KINDS } from './kinds.js';

jest.setTimeout(300_000);

const CASES = 40;

describe('damaged files', () => {
  test.each(Object.keys(KINDS))(
    'of kind %s are loaded as they were, or refused in one line that names file and rule',
    async (kind) => {
      const { cases, refused, broken } = await fuzz(kind, CASES, 1);
      expect(broken).toEqual([]);
      expect(cases).toBe(CASES);
      expect(refused).toBeGreaterThan(0);
    },
  );
});
