import type {
  ObjectContext,
  RecordReader,
  RecordSink,
  RejectReason,
} from '@backtide/datasets/dataset'
import { NodeTradeReader } from '@backtide/datasets/hyperliquid/trades-node'
import { doubleColumn, rowStart, textColumn } from '@backtide/datasets/ilp/names'
import {
  checkInteger,
  checkKey,
  checkNumber,
  checkRow,
  checkSymbol,
  CHECK_PRIME,
} from '@backtide/datasets/values/checksum'
import type { UtcTime } from '@backtide/datasets/values/time'
import { readBlock, readFill, type BlockFacts, type FillFacts } from './fill-facts.ts'

/** Oracle of `hyperliquid.fills`: every event becomes an object, and every column is written by name. */
export function createFillOracle(object: ObjectContext): RecordReader {
  return createEventOracle(object, { wants: () => true, write: writeFill, warn: () => {} })
}

/** Oracle of `hyperliquid.trades`; trades of a node are not scanned, so there is nothing to compare. */
export function createTakerOracle(object: ObjectContext): RecordReader {
  if (object.from < FILLS_BEGIN) return new NodeTradeReader(object, TRADES_OF_ARCHIVE)
  const fills: FillFacts[] = []
  return createEventOracle(object, {
    wants: (fill) => {
      fills.push(fill)
      return fill.crossed
    },
    write: writeTrade,
    warn: (records) => {
      const taken = new Set(fills.filter(({ crossed }) => crossed).map(({ tid }) => tid))
      const untaken = new Set(fills.map(({ tid }) => tid).filter((tid) => !taken.has(tid)))
      if (untaken.size > 0) records.warn('no_taker', untaken.size)
    },
  })
}

interface Table {
  wants(fill: FillFacts): boolean
  write(fill: FillFacts, block: BlockFacts | undefined, records: RecordSink): void
  warn(records: Pick<RecordSink, 'warn'>): void
}

const TRADES_OF_ARCHIVE = { exchange: 'hyperliquid', origin: 'archive' }
const FILLS_BEGIN = Date.UTC(2025, 4, 25, 14)
const BLOCKS_BEGIN = Date.UTC(2025, 6, 27, 9)

function createEventOracle(object: ObjectContext, table: Table): RecordReader {
  const isBlock = object.from >= BLOCKS_BEGIN
  let held: readonly (FillFacts | RejectReason)[] = []
  let block: BlockFacts | undefined
  let odd = false
  const parse: RecordReader['parse'] = (line) => {
    let parsed: unknown
    try {
      parsed = JSON.parse(line.toString('utf8'))
    } catch {
      return 'not_json'
    }
    if (!isBlock) {
      const fill = readFill(parsed, object)
      if (typeof fill === 'string') return fill
      if (!table.wants(fill)) return 'skipped'
      held = [fill]
      return true
    }
    const found = readBlock(parsed)
    if (!found) return 'wrong_shape'
    block = found.block
    odd = found.odd
    held = found.events.map((event) => readFill(event, object))
    return true
  }
  return {
    parse,
    write(records) {
      if (odd) records.warn('unknown_field')
      for (const fill of held) {
        if (typeof fill === 'string' || (isBlock && !table.wants(fill))) continue
        table.write(fill, block, records)
        if (fill.odd) records.warn('unknown_field')
      }
      for (const fill of held) if (typeof fill === 'string') records.reject(fill)
    },
    end: (records) => table.warn(records),
  }
}

const COLUMNS =
  'tid user price size crossed start_position closed_pnl fee oid hash cloid twap_id builder builder_fee deployer_fee priority_gas liquidated_user liquidation_mark_price'.split(
    ' ',
  )

function writeFill(fill: FillFacts, block: BlockFacts | undefined, records: RecordSink): void {
  const { ts, coin: symbol, market, side, tid, words, hexes, amounts, integers } = fill
  const { rows } = records
  rows.begin(rowStart('fills_all', { exchange: 'hyperliquid', market, symbol, side, ...words }))
  for (const name of COLUMNS) {
    const { [name]: hex } = hexes
    const { [name]: amount } = amounts
    const { [name]: integer } = integers
    if (hex !== undefined) rows.string(textColumn(name), hex)
    if (amount !== undefined) rows.double(doubleColumn(name), amount)
    if (integer !== undefined) rows.int(textColumn(name), integer)
    if (name === 'crossed') rows.boolean(textColumn(name), fill.crossed)
  }
  if (block) {
    rows.int(textColumn('block_number'), block.number)
    rows.nanos(textColumn('block_time'), block.made.micros, block.made.nanos)
    rows.nanos(textColumn('ts_recv'), block.received.micros, block.received.nanos)
  }
  rows.end(ts)
  const identity = `${tid}${side === 'buy' ? 'B' : 'A'}${hexes.user}`
  records.commit({ ts, symbol, identity, rank: 0, rows: 1, check: checkOf(fill, block) })
}

function checkOf(fill: FillFacts, block: BlockFacts | undefined): number {
  const { ts, coin, side, tid, crossed, words, hexes, amounts, integers } = fill
  const text = [coin, side, words.dir, words.fee_token].join(':')
  const key = checkKey([
    checkInteger(ts),
    checkSymbol(text),
    checkInteger(tid),
    checkDigits(hexes.user),
  ])
  const amount = (name: string) => checkNumber(amounts[name])
  const integer = (name: string) => checkInteger(integers[name] ?? 0)
  return checkRow(key, [
    ...['price', 'size', 'start_position', 'closed_pnl', 'fee'].map(amount),
    integer('oid'),
    crossed ? 1 : 0,
    checkDigits(hexes.hash),
    checkDigits(hexes.cloid),
    integer('twap_id'),
    checkDigits(hexes.builder),
    ...['builder_fee', 'deployer_fee', 'priority_gas'].map(amount),
    checkDigits(hexes.liquidated_user),
    amount('liquidation_mark_price'),
    words.liquidation_method === undefined ? 0 : checkSymbol(words.liquidation_method),
    checkInteger(block?.number ?? 0),
    checkTime(block?.made),
    checkTime(block?.received),
  ])
}

function checkDigits(text = '0'): number {
  return Number.parseInt(text.slice(-6), 16) % CHECK_PRIME
}

function checkTime(time: UtcTime | undefined): number {
  if (!time) return 0
  return Number((BigInt(time.micros) * 1000n + BigInt(time.nanos)) % BigInt(CHECK_PRIME))
}

function writeTrade(fill: FillFacts, _: unknown, records: RecordSink): void {
  const { ts, coin: symbol, market, side, tid, amounts } = fill
  const { rows } = records
  const symbols = { exchange: 'hyperliquid', origin: 'archive', market, symbol, side }
  rows.begin(rowStart('trades_all', symbols))
  rows.string(textColumn('trade_id'), String(tid))
  rows.double(doubleColumn('price'), amounts.price ?? 0)
  rows.double(doubleColumn('size'), amounts.size ?? 0)
  rows.end(ts)
  const key = checkKey([checkInteger(ts), checkSymbol(symbol), checkSymbol(String(tid))])
  const values = [checkNumber(amounts.price), checkNumber(amounts.size), side === 'buy' ? 1 : 2]
  const rank = side === 'buy' ? 1 : 0
  const check = checkRow(key, values)
  records.commit({ ts, symbol, identity: String(tid), rank, rows: 1, check })
}
