import {
  checkInteger,
  checkIntegerSql,
  checkNumber,
  checkNumberSql,
  checkRow,
  checkRowSql,
} from '../checksum.ts'
import { locateColumns } from '../csv-columns.ts'
import type { Dataset, LineDecoder, ObjectContext, RecordSink } from '../dataset.ts'
import { doubleColumn, rowStart, textColumn } from '../ilp/names.ts'
import { isNearPartition, parseUtcTime } from '../utc-time.ts'
import { archive, COIN, compactDay, EXCHANGE, FINAL_AFTER_DAYS, MARKET } from './archive.ts'
import { NUMBERS, readNumbers, type ContextNumbers } from './asset-ctxs-line.ts'

/** Funding, open interest and prices of every coin, once a minute: one CSV object a day. */
export const hyperliquidAssetCtxs: Dataset = {
  id: 'hyperliquid.asset_ctxs',
  title: 'Hyperliquid asset contexts: funding, open interest, volume and prices, by the minute',
  granularity: 'day',
  symbols: 'all',
  symbolPattern: COIN,
  source: archive((start) => `asset_ctxs/${compactDay(start)}.csv.lz4`),
  begins: Date.UTC(2023, 4, 20),
  finalAfterDays: FINAL_AFTER_DAYS,
  table: {
    name: 'asset_ctxs',
    columns: {
      ts: 'TIMESTAMP',
      exchange: 'SYMBOL',
      market: 'SYMBOL',
      symbol: 'SYMBOL',
      funding: 'DOUBLE',
      open_interest: 'DOUBLE',
      prev_day_px: 'DOUBLE',
      day_ntl_vlm: 'DOUBLE',
      premium: 'DOUBLE',
      oracle_px: 'DOUBLE',
      mark_px: 'DOUBLE',
      mid_px: 'DOUBLE',
      impact_bid_px: 'DOUBLE',
      impact_ask_px: 'DOUBLE',
    },
    partitionBy: 'DAY',
    keys: ['ts', 'exchange', 'market', 'symbol'],
  },
  symbolColumn: 'symbol',
  checksum: checkRowSql([checkIntegerSql('ts'), ...NUMBERS.map(checkNumberSql)]),
  ownsTimestamp: true,
  inexact: ['day_ntl_vlm'],
  formats: [{ version: 1, createLineDecoder }],
}

const COLUMNS = ['time', 'coin', ...NUMBERS] as const
const SYMBOL = textColumn('symbol')
const DOUBLES = NUMBERS.map((name) => ({ name, column: doubleColumn(name) }))

function createLineDecoder(object: ObjectContext): LineDecoder {
  const start = rowStart(hyperliquidAssetCtxs.table.name, { exchange: EXCHANGE, market: MARKET })
  let positions: Readonly<Record<(typeof COLUMNS)[number], number>> | undefined

  return (line, records) => {
    // The files quote nothing, so a quote is data of another shape: no column may hold one.
    const fields = line.toString('utf8').split(',')
    if (!positions) {
      positions = locateColumns(fields, COLUMNS)
      return
    }
    if (fields.length !== COLUMNS.length) return records.reject('wrong_shape')
    const { [positions.time]: time = '', [positions.coin]: coin = '' } = fields
    const at = parseUtcTime(time)
    if (!at || at.nanos > 0 || coin.includes('"')) return records.reject('wrong_shape')
    if (!COIN.test(coin)) return records.reject('wrong_symbol')
    if (!isNearPartition(at.micros, object)) return records.reject('outside_partition')
    const located = positions
    const numbers = readNumbers((column) => fields[located[column]] ?? '')
    if (typeof numbers === 'string') return records.reject(numbers)
    writeContext(at.micros, coin, numbers, start, records)
  }
}

function writeContext(
  ts: number,
  coin: string,
  numbers: ContextNumbers,
  start: Buffer,
  records: RecordSink,
): void {
  const { rows } = records
  rows.begin(start)
  rows.symbol(SYMBOL, coin)
  for (const { name, column } of DOUBLES) {
    const value = numbers[name]
    if (value !== undefined) rows.double(column, value)
  }
  rows.end(ts)
  const check = checkRow([checkInteger(ts), ...NUMBERS.map((name) => checkNumber(numbers[name]))])
  records.commit({ ts, symbol: coin, identity: '', rank: 0, rows: 1, check })
  if ((numbers.open_interest ?? 0) < 0) records.warn('negative_open_interest')
}
