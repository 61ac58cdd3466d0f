import { dataTable } from '@backtide/core/table'
import { locateColumns } from '../values/csv-header.ts'
import type { RowWriter } from '../ilp/row-writer.ts'
import type { Dataset, LineDecoder, LineScanner, ObjectContext, RecordSink } from '../dataset.ts'
import { doubleColumn, rowStart, textColumn } from '../ilp/names.ts'
import { isNearPartition, parseUtcTime, TOLERANCE_MS } from '../values/time.ts'
import { archive, COIN, compactDay, FINAL_AFTER_DAYS, PERPETUALS } from './archive.ts'
import {
  checkContext,
  checkScannedContext,
  CONTEXT_CHECK_SQL,
  contextKey,
  symbolKey,
} from './asset-ctxs-check.ts'
import { CONTEXT_COLUMNS, NUMBERS, readNumbers, type ContextNumbers } from './asset-ctxs-line.ts'
import { ContextScanner, type ColumnPositions } from './asset-ctxs-scanner.ts'

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
  table: dataTable({
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
  }),
  symbolColumn: 'symbol',
  constants: PERPETUALS,
  record: ['ts', 'symbol'],
  reachMs: TOLERANCE_MS,
  shortAfterMs: 3_600_000,
  checksum: CONTEXT_CHECK_SQL,
  inexact: ['day_ntl_vlm'],
  formats: [{ version: 2, createLineDecoder, createLineScanner, needsLineEnd: true }],
}

const SYMBOL = textColumn('symbol')
const OPEN_INTEREST = NUMBERS.indexOf('open_interest')
const DOUBLES = NUMBERS.map((name) => ({ name, column: doubleColumn(name) }))

function createLineDecoder(object: ObjectContext): LineDecoder {
  const start = rowStart(hyperliquidAssetCtxs.table.name, PERPETUALS)
  let header = ''
  let positions: ColumnPositions | undefined

  return (line, records) => {
    // The files quote nothing, so a quote is data of another shape: no column may hold one.
    const text = line.toString('utf8')
    const fields = text.split(',')
    if (!positions) {
      positions = locateColumns(fields, CONTEXT_COLUMNS)
      header = text
      return
    }
    // Files that were put together each bring their own.
    if (text === header) return records.warn('repeated_header')
    if (fields.length !== CONTEXT_COLUMNS.length) return records.reject('wrong_shape')
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
  const check = checkContext(contextKey(ts, symbolKey(coin)), numbers)
  records.commit({ ts, symbol: coin, identity: '', rank: 0, rows: 1, check })
  if ((numbers.open_interest ?? 0) < 0) records.warn('negative_open_interest')
}

/** A coin as rows name it: the start of its rows is written once, its part of their keys computed once. */
interface Coin {
  readonly symbol: string
  readonly start: Buffer
  readonly key: number
}

function createLineScanner(object: ObjectContext): LineScanner {
  const coinOf = createCoins()
  let scanner: ContextScanner | undefined

  return (line, records) => {
    if (!scanner) {
      const header = line.toString('utf8').split(',')
      scanner = new ContextScanner(object, locateColumns(header, CONTEXT_COLUMNS))
      return false
    }
    if (!scanner.scan(line)) return false
    const coin = coinOf(line.toString('latin1', scanner.coinStart, scanner.coinEnd))
    if (!coin) return false
    writeScanned(scanner, coin.start, records.rows)
    const { micros: ts } = scanner.time
    const check = checkScannedContext(contextKey(ts, coin.key), scanner.numbers)
    records.commit({ ts, symbol: coin.symbol, identity: '', rank: 0, rows: 1, check })
    if ((scanner.numbers[OPEN_INTEREST] ?? 0) < 0) records.warn('negative_open_interest')
    return true
  }
}

/** Coins by name, undefined for what is none; a name that is none is not kept. */
function createCoins(): (name: string) => Coin | undefined {
  const coins = new Map<string, Coin>()
  return (name) => {
    const known = coins.get(name)
    if (known) return known
    if (!COIN.test(name)) return undefined
    const start = rowStart(hyperliquidAssetCtxs.table.name, { ...PERPETUALS, symbol: name })
    const coin = { symbol: name, start, key: symbolKey(name) }
    coins.set(name, coin)
    return coin
  }
}

function writeScanned({ time, numbers }: ContextScanner, start: Buffer, rows: RowWriter): void {
  rows.begin(start)
  for (let at = 0; at < DOUBLES.length; at++) {
    const value = numbers[at] ?? Number.NaN
    const double = DOUBLES[at]
    if (double && !Number.isNaN(value)) rows.double(double.column, value)
  }
  rows.end(time.micros)
}
