import type { Dataset, RecordSink } from '../dataset.ts'
import { doubleColumn, rowStart } from '../ilp/names.ts'
import { MARKET_DATA } from '../unified/market-data.ts'
import {
  checkIntegerSql,
  checkKeySql,
  checkNumber,
  checkNumberSql,
  checkProduct,
  checkRowSql,
  checkSymbolSql,
  remainder,
} from '../values/checksum.ts'
import { contextKey, symbolKey } from './asset-ctxs-check.ts'
import { CONTEXT_DAYS, contextFormats, type ContextWriter } from './asset-ctxs-reader.ts'
import { NUMBERS, type ContextRow } from './asset-ctxs-row.ts'

/** What AnySignal calls the archive. */
const CONSTANTS = { source: 'HYPERLIQUID_S3' } as const

/** Categories as AnySignal writes them, named as the columns of the archive. */
const CATEGORIES = [
  'open_interest',
  'funding',
  'mark_px',
  'oracle_px',
  'prev_day_px',
  'day_ntl_vlm',
  'mid_px',
  'premium',
] as const satisfies readonly (typeof NUMBERS)[number][]

/** Of a context that says nothing: its row has no value. */
const NOTHING = 'none'

/**
 * Asset contexts a row a number, in the layout of AnySignal's `market_data` and with its names: its
 * queries work as they are. What the archive does not have is left out, where AnySignal has zero.
 */
export const hyperliquidMarketData: Dataset = {
  ...CONTEXT_DAYS,
  id: 'hyperliquid.market_data',
  title: "Hyperliquid asset contexts, a row a number, in the layout of AnySignal's market_data",
  table: MARKET_DATA,
  symbolColumn: 'ticker',
  constants: CONSTANTS,
  record: ['ts', 'ticker'],
  checksum: checkRowSql(
    checkKeySql([checkIntegerSql('ts'), checkSymbolSql('ticker'), numberOfCategorySql()]),
    [checkNumberSql('value')],
  ),
  inexact: ['value'],
  formats: contextFormats(1, () => new NumberRows()),
}

/** A row a number that a context has. */
class NumberRows implements ContextWriter<Ticker> {
  coinOf(symbol: string): Ticker {
    const start = (category: string) =>
      rowStart(MARKET_DATA.name, { category, ticker: symbol, ...CONSTANTS })
    return {
      symbol,
      starts: CATEGORIES.map(start),
      nothing: start(NOTHING),
      key: symbolKey(symbol),
    }
  }

  write({ ts, numbers }: ContextRow, ticker: Ticker, records: RecordSink): void {
    const { symbol, starts, nothing } = ticker
    const key = contextKey(ts, ticker.key)
    const { rows } = records
    let count = 0
    let check = 0
    for (let at = 0; at < starts.length; at++) {
      const value = numbers[PLACES[at] ?? 0] ?? Number.NaN
      if (Number.isNaN(value)) continue
      rows.begin(starts[at] ?? nothing)
      rows.double(VALUE, value)
      rows.end(ts)
      count++
      check += checkProduct(remainder(key + CATEGORY_WEIGHT * (at + 1)), 1 + checkNumber(value))
    }
    if (count === 0) {
      rows.begin(nothing)
      rows.end(ts)
      check = checkProduct(key, 1)
    }
    records.commit({ ts, symbol, identity: '', rank: 0, rows: Math.max(1, count), check })
  }
}

/** A coin as rows name it. */
interface Ticker {
  readonly symbol: string
  /** Of the rows of every category. */
  readonly starts: readonly Buffer[]
  readonly nothing: Buffer
  readonly key: number
}

/** Categories are numbered from 1; none is 0. */
function numberOfCategorySql(): string {
  return CATEGORIES.reduceRight(
    (others, name, at) => `CASE WHEN category = '${name}' THEN ${at + 1} ELSE ${others} END`,
    '0',
  )
}

/** The category is the third part of a key. */
const CATEGORY_WEIGHT = 3
const PLACES = CATEGORIES.map((name) => NUMBERS.indexOf(name))
const VALUE = doubleColumn('value')
