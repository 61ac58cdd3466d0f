import { chunksOf } from '@backtide/store/in-chunks'
import { writeFrame } from '../contract/lz4-writer.ts'
import type { Archive } from './archive.ts'
import type { SteeredQuestDb } from './own-questdb.ts'

/** A `market_data` as AnySignal filled it, and the archive it is of. */
export const ANYSIGNAL = {
  days: ['2023-06-10', '2023-06-12'],
  /** Rows without duplicates, of which there are 100. */
  rows: 24 * 12 * 8 * 2 + 2,
  /** Category, ts and value of what a day has once it was compared: zeros are none. */
  valuesOf,
} as const

const MINUTES = Array.from({ length: 24 * 12 }, (_, at) => at * 5)
const CATEGORIES = ['open_interest', 'funding', 'mark_px', 'oracle_px', 'prev_day_px']
const ABSENT = ['day_ntl_vlm', 'mid_px', 'premium']
const HEADER =
  'time,coin,funding,open_interest,prev_day_px,day_ntl_vlm,premium,oracle_px,mark_px,mid_px,impact_bid_px,impact_ask_px'

/**
 * Creates the table without upsert keys, with a part that was loaded twice, a row that the archive does
 * not have and one of another source; and puts the archive.
 */
export async function putAnySignalTable({ run }: SteeredQuestDb, archive: Archive): Promise<void> {
  await run(
    'CREATE TABLE market_data (ts TIMESTAMP, category SYMBOL, ticker SYMBOL, source SYMBOL, value DOUBLE) TIMESTAMP(ts) PARTITION BY DAY',
  )
  const [first, last] = ANYSIGNAL.days
  const rows = [
    ...ANYSIGNAL.days.flatMap(rowsOfDay),
    ...rowsOfDay(first).slice(0, 100),
    rowOf(last, 1, 'funding', 7),
    `('${last}T00:00:00Z', 'FEAR_GREED', 'CRYPTO', 'CMC', 55.0)`,
  ]
  for (const chunk of chunksOf(rows))
    await run(`INSERT INTO market_data VALUES ${chunk.join(', ')}`)
  for (const day of ANYSIGNAL.days) {
    const key = `asset_ctxs/${day.replaceAll('-', '')}.csv.lz4`
    await archive.put(key, writeFrame(Buffer.from(`${[HEADER, ...linesOf(day)].join('\n')}\n`)))
  }
}

function valueAt(minute: number, category: number): number {
  return minute + category + 1
}

function instantOf(day: string, minute: number): string {
  return new Date(Date.parse(day) + minute * 60_000).toISOString()
}

function rowOf(day: string, minute: number, category: string, value: number): string {
  return `('${instantOf(day, minute)}', '${category}', 'BTC', 'HYPERLIQUID_S3', ${value}.0)`
}

function rowsOfDay(day: string): string[] {
  return MINUTES.flatMap((minute) => [
    ...CATEGORIES.map((category, at) => rowOf(day, minute, category, valueAt(minute, at))),
    ...ABSENT.map((category) => rowOf(day, minute, category, 0)),
  ])
}

function linesOf(day: string): string[] {
  return MINUTES.map((minute) => {
    const time = instantOf(day, minute).replace('.000', '')
    const [interest, funding, mark, oracle, before] = CATEGORIES.map((_, at) => valueAt(minute, at))
    return [time, 'BTC', funding, interest, before, '', '', oracle, mark, '', '', ''].join(',')
  })
}

function valuesOf(day: string): readonly unknown[] {
  const others = [['FEAR_GREED', `${day}T00:00:00.000000Z`, 55]]
  const own = MINUTES.flatMap((minute) =>
    CATEGORIES.map((category, at) => {
      const ts = instantOf(day, minute).replace('Z', '000Z')
      return [category, ts, valueAt(minute, at)]
    }),
  )
  return [...others, ...own].toSorted((a, b) => (`${a[0]} ${a[1]}` < `${b[0]} ${b[1]}` ? -1 : 1))
}
