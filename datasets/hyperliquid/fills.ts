import type { Dataset, RecordSink } from '../dataset.ts'
import { doubleColumn, rowStart, textColumn, type Column } from '../ilp/names.ts'
import type { RowWriter } from '../ilp/row-writer.ts'
import { COIN, marketOf, VENUE } from './archive.ts'
import { FILL_REACH_MS, type Block, type Fill } from './fill.ts'
import { FillBlockReader, FillLineReader, type FillWriter } from './fill-reader.ts'
import { checkFill, checkWords, FILL_CHECK_SQL } from './fills-check.ts'
import { FILLS } from './fills-table.ts'
import {
  FILL_LINES_END,
  fillsAt,
  FINAL_AFTER_DAYS,
  NODE_DATA_BEGINS,
  nodeData,
} from './node-data.ts'

const { exchange } = VENUE

/** Every fill of every user, two a match: from May 2025 on a line each, since July in their blocks. */
export const hyperliquidFills: Dataset = {
  id: 'hyperliquid.fills',
  title:
    'Hyperliquid fills of every user and coin, two a match, with fees, positions and liquidations',
  granularity: 'hour',
  symbols: 'all',
  symbolPattern: COIN,
  source: nodeData(fillsAt),
  begins: NODE_DATA_BEGINS.node_fills,
  finalAfterDays: FINAL_AFTER_DAYS,
  table: FILLS,
  symbolColumn: 'symbol',
  constants: { exchange },
  record: ['ts', 'symbol', 'tid', 'side', 'user'],
  reachMs: FILL_REACH_MS,
  shortAfterMs: 600_000,
  checksum: FILL_CHECK_SQL,
  inexact: ['startPosition'],
  formats: [
    {
      until: FILL_LINES_END,
      part: 0,
      version: 1,
      container: 'lz4',
      createReader: (object) => new FillLineReader(object, new Writer()),
    },
    {
      version: 1,
      container: 'lz4',
      createReader: (object) => new FillBlockReader(object, new Writer()),
    },
  ],
}

/** Writes all fills of an object. */
class Writer implements FillWriter {
  /** Starts of rows by coin, side and the words of a fill. */
  readonly #starts = new Map<string, Start>()

  wants(): true {
    return true
  }

  write(fill: Fill, block: Block, records: RecordSink): void {
    const { ts, coin: symbol, tid, isBuy, user } = fill
    const start = this.#startOf(fill)
    writeFill(fill, block, start.bytes, records.rows)
    const identity = `${tid}${isBuy ? 'B' : 'A'}${user}`
    const check = checkFill(fill, start.check, block)
    records.commit({ ts, symbol, identity, rank: 0, rows: 1, check })
  }

  #startOf(fill: Fill): Start {
    const { coin: symbol, isBuy, dir, feeToken } = fill
    // Words are printed characters, so a line end is in none of them.
    const words = `${isBuy ? 'B' : 'A'}${symbol}\n${feeToken}\n${dir}`
    const known = this.#starts.get(words)
    if (known) return known
    const side = isBuy ? 'buy' : 'sell'
    const symbols = { exchange, market: marketOf(symbol), symbol, side, dir, fee_token: feeToken }
    const start = { bytes: rowStart(FILLS.name, symbols), check: checkWords(fill) }
    this.#starts.set(words, start)
    return start
  }
}

/** Start of the rows of fills that have the same words, and what these add to a check. */
interface Start {
  readonly bytes: Buffer
  readonly check: number
}

const QUOTE = Buffer.from('"')
const LIQUIDATION_METHOD = textColumn('liquidation_method')
const TID = textColumn('tid')
const USER = quoted('user')
const PRICE = doubleColumn('price')
const SIZE = doubleColumn('size')
const CROSSED = textColumn('crossed')
const START_POSITION = doubleColumn('start_position')
const CLOSED_PNL = doubleColumn('closed_pnl')
const FEE = doubleColumn('fee')
const OID = textColumn('oid')
const HASH = quoted('hash')
const CLOID = quoted('cloid')
const TWAP_ID = textColumn('twap_id')
const BUILDER = quoted('builder')
const BUILDER_FEE = doubleColumn('builder_fee')
const DEPLOYER_FEE = doubleColumn('deployer_fee')
const PRIORITY_GAS = doubleColumn('priority_gas')
const LIQUIDATED_USER = quoted('liquidated_user')
const LIQUIDATION_MARK_PRICE = doubleColumn('liquidation_mark_price')
const BLOCK_NUMBER = textColumn('block_number')
const BLOCK_TIME = textColumn('block_time')
const TS_RECV = textColumn('ts_recv')

function quoted(name: string): Column {
  return Buffer.concat([textColumn(name), QUOTE])
}

function writeFill(fill: Fill, block: Block, start: Buffer, rows: RowWriter): void {
  rows.begin(start)
  const isLiquidation = fill.liquidatedUser !== ''
  if (isLiquidation) rows.symbol(LIQUIDATION_METHOD, fill.liquidationMethod)
  rows.int(TID, fill.tid)
  writeHex(USER, fill.user, rows)
  rows.double(PRICE, fill.price)
  rows.double(SIZE, fill.size)
  rows.boolean(CROSSED, fill.crossed)
  rows.double(START_POSITION, fill.startPosition)
  rows.double(CLOSED_PNL, fill.closedPnl)
  rows.double(FEE, fill.fee)
  rows.int(OID, fill.oid)
  writeHex(HASH, fill.hash, rows)
  writeRest(fill, rows)
  if (isLiquidation) {
    writeHex(LIQUIDATED_USER, fill.liquidatedUser, rows)
    rows.double(LIQUIDATION_MARK_PRICE, fill.liquidationMarkPrice)
  }
  writeBlock(block, rows)
  rows.end(fill.ts)
}

function writeRest(fill: Fill, rows: RowWriter): void {
  if (fill.cloid !== '') writeHex(CLOID, fill.cloid, rows)
  if (!Number.isNaN(fill.twapId)) rows.int(TWAP_ID, fill.twapId)
  if (fill.builder !== '') writeHex(BUILDER, fill.builder, rows)
  writeAmount(BUILDER_FEE, fill.builderFee, rows)
  writeAmount(DEPLOYER_FEE, fill.deployerFee, rows)
  writeAmount(PRIORITY_GAS, fill.priorityGas, rows)
}

function writeBlock(block: Block, rows: RowWriter): void {
  if (Number.isNaN(block.number)) return
  rows.int(BLOCK_NUMBER, block.number)
  rows.nanos(BLOCK_TIME, block.micros, block.nanos)
  rows.nanos(TS_RECV, block.receivedMicros, block.receivedNanos)
}

/** Hexadecimal text has nothing to be escaped. */
function writeHex(column: Column, text: string, rows: RowWriter): void {
  rows.column(column)
  rows.text(text)
  rows.raw(QUOTE)
}

function writeAmount(column: Column, value: number, rows: RowWriter): void {
  if (!Number.isNaN(value)) rows.double(column, value)
}
