import { readFileSync } from 'node:fs'

/**
 * Largest resident memory a process ever had, in MB of 1,048,576 bytes.
 * https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
 */
export function peakMemoryMb(pid: number): number {
  return read(`/proc/${pid}/status`, /^VmHWM:\s+(\d+) kB$/m) / 1024
}

/**
 * Bytes a process caused to be written to storage so far, through memory maps too.
 * https://man7.org/linux/man-pages/man5/proc_pid_io.5.html
 */
export function writtenBytes(pid: number): number {
  return read(`/proc/${pid}/io`, /^write_bytes: (\d+)$/m)
}

/**
 * Processor seconds a process has used so far, all of its threads together.
 * https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
export function processorSeconds(pid: number): number {
  // The name may hold anything; what follows its bracket is numbers: the 12th and 13th are ours.
  const pattern = /\) \S(?: \S+){10} (\d+) (\d+)/
  return (read(`/proc/${pid}/stat`, pattern) + read(`/proc/${pid}/stat`, pattern, 2)) / TICKS
}

/** Clock ticks in a second, the same on every Linux that Node runs on. */
const TICKS = 100

/** NaN where there is no such file: only Linux has them. */
function read(path: string, pattern: RegExp, group = 1): number {
  try {
    return Number(pattern.exec(readFileSync(path, 'utf8'))?.[group])
  } catch {
    return Number.NaN
  }
}
