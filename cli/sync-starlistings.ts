import type { Starlisting } from '@backtide/config/starlistings'
import { partitionLength } from '@backtide/core/partition'
import { DAY_MS, formatInstant, parseInstant } from '@backtide/core/range'
import type { Dataset, Instrument } from './answers.ts'
import { backfillsOf } from './starlistings.ts'

/** A backfill that makes the history of starlistings whole. */
export interface HistoryBackfill {
  readonly body: HistoryBody
  /** Objects of the range: what is there already is not loaded again. */
  readonly objects: number
}

/** What is asked for. */
interface HistoryBody {
  readonly dataset: string
  /** Absent where objects hold every coin. */
  readonly coins?: readonly string[]
  readonly intervals?: readonly string[]
  readonly from: string
  readonly to: string
}

/** What the API knows of what starlistings are of. */
export interface Known {
  readonly datasets: readonly Dataset[]
  readonly instruments: readonly Instrument[]
}

/**
 * Backfills for candles, and whatever else there is of the same coins: from the day a coin was listed, or
 * as many days back as the file says, to the last day that has ended (at an instant in UTC milliseconds). Coins that go
 * together begin with the first of them: what was not listed yet is not asked for.
 */
export function historyOf(
  starlistings: readonly Starlisting[],
  known: Known,
  now: number,
): readonly HistoryBackfill[] {
  const to = Math.floor(now / DAY_MS) * DAY_MS
  return parts(starlistings).flatMap(({ dataset: id, coins, intervals, days }) => {
    const dataset = known.datasets.find((one) => one.id === id)
    if (!dataset) return []
    const begins = parseInstant(dataset.begins) ?? 0
    const wanted = days === undefined ? begins : to - days * DAY_MS
    const from = Math.max(begins, wanted, firstListed(id, coins, known.instruments) ?? begins)
    if (from >= to) return []
    const named = dataset.symbols === 'named'
    const series = named ? coins.length * Math.max(1, intervals.length) : 1
    const body = {
      dataset: id,
      ...(named && { coins }),
      ...(intervals.length > 0 && { intervals }),
      from: formatInstant(from),
      to: formatInstant(to),
    }
    return { body, objects: ((to - from) / partitionLength(dataset.granularity)) * series }
  })
}

interface Part {
  readonly dataset: string
  readonly coins: readonly string[]
  readonly intervals: readonly string[]
  readonly days: number | undefined
}

/** Candles first, then the others, those of equal days together. */
function parts(starlistings: readonly Starlisting[]): readonly Part[] {
  const lengths = new Set(starlistings.map(({ days }) => days))
  return [...lengths].flatMap((days) => {
    const some = starlistings.filter((one) => one.days === days)
    const others = new Set(some.flatMap(({ also }) => also))
    return [
      ...backfillsOf(some).map((one) => ({ ...one, days })),
      ...[...others].map((dataset) => {
        const of = some.filter(({ also }) => also.includes(dataset))
        return { dataset, coins: [...new Set(of.map(({ coin }) => coin))], intervals: [], days }
      }),
    ]
  })
}

/** When the first of some coins was listed; undefined where that is not known of all. */
function firstListed(
  dataset: string,
  coins: readonly string[],
  instruments: readonly Instrument[],
): number | undefined {
  const listed = coins.map((coin) => {
    const found = instruments.find(
      ({ exchange, symbol }) => symbol === coin && dataset.startsWith(`${exchange}.`),
    )
    return parseInstant(found?.listed ?? '')
  })
  const known = listed.filter((at) => at !== undefined)
  return known.length === listed.length ? Math.min(...known) : undefined
}
