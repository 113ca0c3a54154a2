import { readFileSync } from 'node:fs';

/** Memory of a process in MB of 1024 * 1024 bytes; null when it is unknown. Linux only. */
export function residentMb(pid: number | undefined): number | null {
  return seen(
    () => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024,
  );
}

/** Processor time of a process so far, user and system; its clock ticks 100 times a second. Linux only. */
export function processorMs(pid: number | undefined): number | null {
  return seen(() => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  });
}

/**
 * Gives the time since it was made, by the clock and of the processor. Other load on the machine does not change
 * the latter.
 */
export function stopwatch(): () => string {
  const startMs = performance.now();
  const startProcessor = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(startProcessor);
    const seconds = (performance.now() - startMs) / 1000;
    return `${seconds.toFixed(2)} s (processor ${((user + system) / 1e6).toFixed(2)} s)`;
  };
}

function seen(look: () => number): number | null {
  try {
    const value = look();
    return Number.isNaN(value) ? null : value;
  } catch {
    return null;
  }
}
