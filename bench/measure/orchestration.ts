import { startBacktide } from '../backtide.ts'
import type { Finding } from '../finding.ts'
import { firstHours } from '../input/archive.ts'
import { LAYOUTS, type Layout } from '../layout.ts'
import type { Options } from '../options.ts'
import type { Place } from '../place.ts'
import { requestFor } from '../request.ts'
import { interleave, median } from '../series.ts'
import { expectRows, forgetAll } from '../tables.ts'
import { ORCHESTRATION_INPUT } from './inputs.ts'

/** Many small partitions: what is left of the time is orchestration, verification and ledger. */
export async function measureOrchestration(place: Place, options: Options): Promise<Finding> {
  const input = await place.archive.fill(ORCHESTRATION_INPUT(options))
  const layout = LAYOUTS[0] as Layout
  await using backtide = await startBacktide(place)
  const backfill = async (part: typeof input) => {
    await forgetAll(place.store)
    const seconds = await backtide.backfill(requestFor(layout, part), part.books)
    await expectRows(place.store, layout.dataset.table.name, part.books)
    return (seconds * 1000) / part.objects.length
  }
  await backfill(firstHours(input, 24))
  const { partition } = await interleave(options.runs, { partition: () => backfill(input) })
  const title = `Orchestration: ${input.objects.length} hours × 1 coin, 50 books an hour`
  const lines = [{ name: 'a partition', unit: 'ms', values: partition }]
  return { sections: [{ title, lines }], summary: { partitionMs: median(partition) } }
}
