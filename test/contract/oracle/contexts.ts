import type {
  ObjectContext,
  RecordReader,
  RecordSink,
  RejectReason,
} from '@backtide/datasets/dataset'
import { doubleColumn, rowStart } from '@backtide/datasets/ilp/names'
import {
  checkInteger,
  checkKey,
  checkNumber,
  checkRow,
  checkSymbol,
} from '@backtide/datasets/values/checksum'
import { locateColumns } from '@backtide/datasets/values/csv-header'
import { parseDecimal } from '@backtide/datasets/values/decimal'
import { isNearPartition, parseUtcTime } from '@backtide/datasets/values/time'
import { marketOf } from './market.ts'
import { createOracle } from './oracle.ts'

/** Oracle of `hyperliquid.asset_ctxs`, and of what has its form. */
export function createContextOracle(
  object: ObjectContext,
  table = 'asset_ctxs_all',
  exchange = 'hyperliquid',
): RecordReader {
  return createDayOracle(object, (context, records) => {
    const { coin: symbol } = context
    records.rows.begin(rowStart(table, { exchange, market: marketOf(symbol), symbol }))
    writeContext(context, records)
  })
}

/** Oracle of what is made of the days of the archive. */
export function createDayOracle(
  object: ObjectContext,
  write: (context: Context, records: RecordSink) => void,
): RecordReader {
  let header: readonly string[] = COLUMNS
  const oracle = createOracle<Context>(
    (line) => readContext(line, header, object),
    (context, records) => {
      write(context, records)
      if ((context.numbers[1] ?? 0) < 0) records.warn('negative_open_interest')
    },
  )
  return {
    ...oracle,
    header(line) {
      header = line.toString('utf8').split(',')
      locateColumns(header, COLUMNS)
      return true
    },
  }
}

/** Columns, in the order of `Context.numbers`. */
export const NUMBERS = [
  'funding',
  'open_interest',
  'prev_day_px',
  'day_ntl_vlm',
  'premium',
  'oracle_px',
  'mark_px',
  'mid_px',
  'impact_bid_px',
  'impact_ask_px',
]
const COLUMNS = ['time', 'coin', ...NUMBERS]
const PRICES = ['prev_day_px', 'oracle_px', 'mark_px', 'mid_px', 'impact_bid_px', 'impact_ask_px']
const SIGNED = ['funding', 'premium', 'open_interest']
const COIN = /^(?=.{1,40}$)(?!.*\.\.)[\w@:#][\w@:#.-]*(?:\/[\w@:#][\w@:#.-]*)*$/

export interface Context {
  readonly ts: number
  readonly coin: string
  /** In the order of the table; undefined where the venue had none. */
  readonly numbers: readonly (number | undefined)[]
}

function readContext(
  line: Buffer,
  header: readonly string[],
  object: ObjectContext,
): Context | RejectReason {
  const fields = line.toString('utf8').split(',')
  if (fields.length !== COLUMNS.length) return 'wrong_shape'
  const cells = new Map(header.map((name, at) => [name, fields[at] ?? '']))
  const time = parseUtcTime(cells.get('time') ?? '')
  const coin = cells.get('coin') ?? ''
  if (!time || time.nanos > 0 || coin.includes('"')) return 'wrong_shape'
  if (!COIN.test(coin)) return 'wrong_symbol'
  if (!isNearPartition(time.micros, object)) return 'outside_partition'
  const numbers = readNumbers(cells)
  return typeof numbers === 'string' ? numbers : { ts: time.micros, coin, numbers }
}

/**
 * For prices and open interest zero is no value; a zero premium is one only where there are impact
 * prices to compute it from.
 */
function readNumbers(cells: ReadonlyMap<string, string>): Context['numbers'] | RejectReason {
  const values = new Map<string, number | undefined>()
  for (const name of NUMBERS) {
    const text = cells.get(name) ?? ''
    const value = text === '' || text === 'null' ? undefined : parseDecimal(text)
    if (typeof value === 'string') return value
    if (value !== undefined && value < 0 && !SIGNED.includes(name)) return 'negative'
    const isNone = value === 0 && [...PRICES, 'open_interest'].includes(name)
    values.set(name, isNone ? undefined : value)
  }
  const impact = values.get('impact_bid_px') ?? values.get('impact_ask_px')
  if (values.get('premium') === 0 && impact === undefined) values.delete('premium')
  return NUMBERS.map((name) => values.get(name))
}

function writeContext({ ts, coin, numbers }: Context, records: RecordSink): void {
  const { rows } = records
  for (const [at, name] of NUMBERS.entries()) {
    const value = numbers[at]
    if (value !== undefined) rows.double(doubleColumn(name), value)
  }
  rows.end(ts)
  const key = checkKey([checkInteger(ts), checkSymbol(coin)])
  const check = checkRow(key, numbers.map(checkNumber))
  records.commit({ ts, symbol: coin, identity: '', rank: 0, rows: 1, check })
}
