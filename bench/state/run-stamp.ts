/** The first part of a run's id: its moment to the second in UTC, `20260801-123000`, so that ids sort by time. */
export const runStamp = (now: Date): string =>
  now.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
