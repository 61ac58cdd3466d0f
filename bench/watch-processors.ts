import type { Line } from './finding.ts'
import type { Place } from './place.ts'
import { processorSeconds } from './process-facts.ts'

/** Processor time by process: says who is busy, and hardly depends on who else is. */
export interface ProcessorWatch {
  start(): void
  /** Adds a value to each line: what was used since `start`. */
  stop(): void
  readonly lines: readonly Line[]
}

/** Watches this process and the servers it loads from and to. */
export function watchProcessors({ questdb, s3 }: Place): ProcessorWatch {
  const watched = [
    { name: '  processor time of Backtide', pid: process.pid },
    { name: '  processor time of QuestDB', pid: questdb.process.pid ?? 0 },
    { name: '  processor time of the S3 gateway', pid: s3.process.pid ?? 0 },
  ].map((one) => ({ ...one, unit: 's', before: 0, values: [] as number[] }))
  return {
    lines: watched,
    start: () => watched.forEach((one) => (one.before = processorSeconds(one.pid))),
    stop: () => watched.forEach((one) => one.values.push(processorSeconds(one.pid) - one.before)),
  }
}
