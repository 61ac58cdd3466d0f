import { startBacktide, type Backtide, type LoopDelay } from '../backtide.ts'
import { ratiosOf, type Finding, type Line } from '../finding.ts'
import { firstHours, type Input } from '../input/archive.ts'
import type { Layout } from '../layout.ts'
import { openLoadPath } from '../load-path.ts'
import type { Options } from '../options.ts'
import type { Place } from '../place.ts'
import { requestFor } from '../request.ts'
import { interleave, median, ratio } from '../series.ts'
import { timeLoad } from '../time-load.ts'
import { DURABLE_INPUT } from './inputs.ts'

/**
 * A whole backfill by API, workflows and a worker process, verified and on record, against the load
 * path alone over the same objects.
 */
export async function measureDurable(
  place: Place,
  options: Options,
  layout: Layout,
): Promise<Finding> {
  const input = await place.archive.fill(DURABLE_INPUT(options))
  const path = openLoadPath(place)
  await using backtide = await startBacktide(place)
  try {
    const { dataset } = layout
    const delays: LoopDelay[] = []
    const warmUp = firstHours(input, 4)
    await timeLoad(place, layout, warmUp, () => path.load(dataset, warmUp))
    await backfill(place, backtide, layout, warmUp)
    const seconds = await interleave(options.runs, {
      load: () => timeLoad(place, layout, input, () => path.load(dataset, input)),
      durable: async () => {
        await backtide.loopDelay()
        const one = await backfill(place, backtide, layout, input)
        delays.push(await backtide.loopDelay())
        return one
      },
    })
    return findingOf(layout, input, seconds, delays)
  } finally {
    await path.close()
  }
}

async function backfill(
  place: Place,
  backtide: Backtide,
  layout: Layout,
  input: Input,
): Promise<number> {
  let seconds = 0
  await timeLoad(place, layout, input, async () => {
    seconds = await backtide.backfill(requestFor(layout, input), input.books * layout.rowsPerBook)
  })
  return seconds
}

function findingOf(
  layout: Layout,
  { books, coins, objects }: Input,
  { load, durable }: Readonly<Record<'load' | 'durable', readonly number[]>>,
  delays: readonly LoopDelay[],
): Finding {
  const { unit, rowsPerBook } = layout
  const rate = (seconds: readonly number[]) => seconds.map((one) => (books * rowsPerBook) / one)
  const vsLoad = ratio(load, durable)
  const p99 = delays.map((delay) => delay.p99Ms)
  const lines: Line[] = [
    { name: 'load path', unit, values: rate(load) },
    { name: 'whole backfill', unit, values: rate(durable) },
    { name: 'whole backfill ÷ load path', unit: '×', values: vsLoad },
    { name: 'loop delay of the worker, p99', unit: 'ms', values: p99 },
    { name: 'loop delay of the worker, max', unit: 'ms', values: delays.map((one) => one.maxMs) },
  ]
  const hours = objects.length / coins.length
  const title = `Durable path, ${layout.name}: ${hours} hours × ${coins.length} coins, ${books} books`
  const summary = ratiosOf(layout, { durableVsLoad: median(vsLoad) })
  return {
    sections: [{ title, lines }],
    summary: { ...summary, loopDelayP99Ms: Math.max(...p99) },
  }
}
