import type { Line } from './finding.ts'
import { processorSeconds } from './process-facts.ts'

/** Processor time by process: says who is busy, and hardly depends on who else is. */
export interface ProcessorWatch {
  /** Adds a value to each line: what was used meanwhile. */
  during<T>(work: () => Promise<T>): Promise<T>
  readonly lines: readonly Line[]
}

/** Watches processes, given by their names and ids. */
export function watchProcessors(
  processes: Readonly<Record<string, number | undefined>>,
): ProcessorWatch {
  const watched = Object.entries(processes).map(([name, pid = 0]) => ({
    name: `  processor time of ${name}`,
    pid,
    unit: 's',
    before: 0,
    values: [] as number[],
  }))
  return {
    lines: watched,
    during: async (work) => {
      for (const one of watched) one.before = processorSeconds(one.pid)
      const result = await work()
      for (const one of watched) one.values.push(processorSeconds(one.pid) - one.before)
      return result
    },
  }
}
