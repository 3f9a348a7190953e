/** Clock selected on the command line. */

/** Milliseconds of wall-clock time, or of CPU time of this process, for machines that are busy with other work. */
export const now: () => number =
  process.env['BENCH_CLOCK'] === 'cpu'
    ? () => {
        const { user, system } = process.cpuUsage();
        return (user + system) / 1000;
      }
    : () => performance.now();
