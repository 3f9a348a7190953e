/** Time as the program was asked to count it. */

/** Milliseconds that have gone by, or that this process has computed for: on a machine that is busy with other things. */
export const now: () => number =
  process.env['BENCH_CLOCK'] === 'cpu'
    ? () => {
        const { user, system } = process.cpuUsage();
        return (user + system) / 1000;
      }
    : () => performance.now();
