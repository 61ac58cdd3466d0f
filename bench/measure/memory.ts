import { startBacktide } from '../backtide.ts'
import type { Finding } from '../finding.ts'
import type { Input, InputOptions } from '../input/archive.ts'
import type { Layout } from '../layout.ts'
import type { Place } from '../place.ts'
import { requestFor } from '../request.ts'
import { expectRows, forgetAll } from '../tables.ts'

/** What one hour costs a worker process that does nothing else: memory, and delay of its loop. */
export async function measureMemory(
  place: Place,
  options: InputOptions,
  layout: Layout,
): Promise<Finding> {
  const input = await place.archive.fill(options)
  await forgetAll(place.store)
  await using backtide = await startBacktide(place)
  const atStart = backtide.peakMemoryMb()
  await backtide.loopDelay()
  const rows = input.books * layout.rowsPerBook
  const seconds = await backtide.backfill(requestFor(layout, input), rows)
  const delay = await backtide.loopDelay()
  const peak = backtide.peakMemoryMb()
  await expectRows(place.store, layout.dataset.table.name, rows)
  const lines = [
    { name: 'peak of the worker process', unit: 'MB', values: [peak] },
    { name: 'of which before its first load', unit: 'MB', values: [atStart] },
    { name: 'loop delay of the worker, p99', unit: 'ms', values: [delay.p99Ms] },
    { name: 'loop delay of the worker, max', unit: 'ms', values: [delay.maxMs] },
    { name: 'whole backfill', unit: 's', values: [seconds] },
  ]
  const summary = { workerPeakMB: peak, loopDelayP99Ms: delay.p99Ms }
  return { sections: [{ title: titleOf(layout, input), lines }], summary }
}

function titleOf({ name }: Layout, { coins, bytes }: Input): string {
  const what = coins.length === 1 ? 'one object' : `${coins.length} coins × 1 hour`
  return `Memory, ${name}: ${what}, ${Math.round(bytes / 2 ** 20)} MB decoded`
}
