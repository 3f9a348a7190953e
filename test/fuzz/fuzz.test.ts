/** A fixed sample of damaged files of each kind; `npm run fuzz` loads as many as wanted. */
import { fuzz } from './fuzz.js';
import { KINDS } from './kinds.js';

jest.setTimeout(300_000);

/** Each HDF5 file starts a worker, which takes a fifth of a second; a command line takes a millisecond. */
const CASES = { usual: 24, hdf5: 8, lines: 240 };

describe('damaged files', () => {
  test.each(Object.keys(KINDS))(
    'of kind %s load unchanged, or are rejected with one line that names file and rule',
    async (kind) => {
      const wanted = kind === 'command-line' ? CASES.lines : /h5|keras/.test(kind) ? CASES.hdf5 : CASES.usual;
      const { cases, refused, broken } = await fuzz(kind, wanted, 1);
      expect(broken).toEqual([]);
      expect(cases).toBe(wanted);
      expect(refused).toBeGreaterThan(0);
    },
  );

  test('an HDF5 file whose header claims a gigabyte is rejected before that is allocated', async () => {
    const { cases, refused, broken } = await fuzz('h5', 1, 1, 1947);
    expect({ cases, refused, broken }).toEqual({ cases: 1, refused: 1, broken: [] });
  });
});
