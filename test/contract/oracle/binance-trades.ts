import type {
  ObjectContext,
  RecordReader,
  RecordSink,
  RejectReason,
} from '@backtide/datasets/dataset'
import { doubleColumn, rowStart, textColumn } from '@backtide/datasets/ilp/names'
import { checkInteger, checkKey, checkNumber, checkRow } from '@backtide/datasets/values/checksum'
import { locateColumns } from '@backtide/datasets/values/csv-header'
import { parseAmount } from '@backtide/datasets/values/decimal'
import { createOracle } from './oracle.ts'

/** Oracle of `binance.trades`. */
export function createBinanceTradeOracle(object: ObjectContext): RecordReader {
  let header: readonly string[] = COLUMNS
  const oracle = createOracle<Trade>(
    (line) => readTrade(line, header, object),
    (trade, records) => writeTrade(trade, object.symbol, records),
  )
  return {
    ...oracle,
    header(line) {
      const cells = line.toString('utf8').split(',')
      if (
        cells.some((cell) => Number.isFinite(parseAmount(cell)) || parseAmount(cell) === 'negative')
      ) {
        return false
      }
      header = cells.map((cell) => CAMEL_CASE.get(cell) ?? cell)
      locateColumns(header, COLUMNS)
      return true
    },
  }
}

const COLUMNS = ['id', 'price', 'qty', 'quote_qty', 'time', 'is_buyer_maker', 'is_best_match']
const CAMEL_CASE = new Map([
  ['quoteQty', 'quote_qty'],
  ['isBuyerMaker', 'is_buyer_maker'],
  ['isBestMatch', 'is_best_match'],
])

interface Trade {
  readonly id: number
  readonly ts: number
  readonly price: number
  readonly size: number
  readonly side: 'buy' | 'sell'
}

function readTrade(
  line: Buffer,
  header: readonly string[],
  { from, to }: ObjectContext,
): Trade | RejectReason {
  const fields = line.toString('latin1').split(',')
  if (fields.length !== COLUMNS.length) return 'wrong_shape'
  const cells = Object.fromEntries(header.map((name, at) => [name, fields[at] ?? '']))
  const { id = '', time = '', is_buyer_maker: maker = '', is_best_match: best = '' } = cells
  const price = parseAmount(cells.price)
  const size = parseAmount(cells.qty)
  const quote = parseAmount(cells.quote_qty)
  if (typeof price === 'string') return price
  if (typeof size === 'string') return size
  if (typeof quote === 'string') return quote
  if (![id, time].every(isInteger) || ![maker, best].every(isBoolean)) return 'wrong_shape'
  const ts = from < Date.UTC(2025, 0, 1) ? Number(time) * 1000 : Number(time)
  if (ts < from * 1000 || ts >= to * 1000) return 'outside_partition'
  return { id: Number(id), ts, price, size, side: /true/i.test(maker) ? 'sell' : 'buy' }
}

function isInteger(text: string): boolean {
  return /^\d+$/.test(text) && String(Number(text)) === text && Number.isSafeInteger(Number(text))
}

function isBoolean(text: string): boolean {
  return ['True', 'true', 'False', 'false'].includes(text)
}

function writeTrade({ id, ts, price, size, side }: Trade, symbol: string, records: RecordSink) {
  const { rows } = records
  const symbols = { exchange: 'binance', market: 'spot', origin: 'archive', symbol, side }
  rows.begin(rowStart('trades_all', symbols))
  rows.string(textColumn('trade_id'), String(id))
  rows.double(doubleColumn('price'), price)
  rows.double(doubleColumn('size'), size)
  rows.end(ts)
  const key = checkKey([checkInteger(ts), checkInteger(id)])
  const values = [checkNumber(price), checkNumber(size), side === 'buy' ? 1 : 2]
  records.commit({ ts, symbol, identity: id, rank: 0, rows: 1, check: checkRow(key, values) })
}
