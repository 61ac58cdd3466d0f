import type { Dataset, ObjectContext, RecordReader, RecordSink } from '../dataset.ts'
import { TRADES } from '../unified/trades.ts'
import { COIN, VENUE } from './archive.ts'
import { FILL_REACH_MS, type Block, type Fill } from './fill.ts'
import { FillBlockReader, FillLineReader, type FillWriter } from './fill-reader.ts'
import {
  FILL_LINES_END,
  fillsAt,
  FINAL_AFTER_DAYS,
  NODE_DATA_BEGINS,
  nodeData,
} from './node-data.ts'
import { COIN_TRADE_CHECK_SQL, TradeRows } from './trade-rows.ts'
import { NodeTradeReader } from './trades-node.ts'

const CONSTANTS = { ...VENUE, origin: 'archive' } as const

/**
 * Trades, one a match: of the fills of both parties the taker's. Before there were fills, trades as a
 * node wrote them, whose id is both orders; where both archives have an hour, fills count alone, as
 * nothing tells that a trade of one is a trade of the other.
 */
export const hyperliquidTrades: Dataset = {
  id: 'hyperliquid.trades',
  title: 'Hyperliquid trades since March 2025, every coin, one a match, whatever archive has them',
  granularity: 'hour',
  symbols: 'all',
  symbolPattern: COIN,
  source: nodeData((start) => {
    return start < NODE_DATA_BEGINS.node_fills ? ['node_trades'] : fillsAt(start)
  }),
  begins: NODE_DATA_BEGINS.node_trades,
  finalAfterDays: FINAL_AFTER_DAYS,
  table: TRADES,
  symbolColumn: 'symbol',
  constants: CONSTANTS,
  record: ['ts', 'symbol', 'trade_id'],
  reachMs: FILL_REACH_MS,
  shortAfterMs: 600_000,
  checksum: COIN_TRADE_CHECK_SQL,
  inexact: [],
  formats: [
    {
      until: NODE_DATA_BEGINS.node_fills,
      version: 1,
      container: 'lz4',
      createReader: (object) => new NodeTradeReader(object, CONSTANTS),
    },
    formatOf(FillLineReader, { until: FILL_LINES_END, part: 0 }),
    formatOf(FillBlockReader, {}),
  ],
}

function formatOf(
  Reader: new (object: ObjectContext, writer: FillWriter) => RecordReader,
  of: { readonly until?: number; readonly part?: number },
): Dataset['formats'][number] {
  const createReader = (object: ObjectContext) => new Reader(object, new TakerWriter())
  return { ...of, version: 1, container: 'lz4', createReader }
}

/** Writes the taker's fill of every match. */
class TakerWriter implements FillWriter {
  readonly #rows = new TradeRows(CONSTANTS)
  readonly #takers = new Set<number>()
  readonly #untaken = new Set<number>()

  wants({ crossed, tid }: Fill): boolean {
    if (crossed) {
      this.#takers.add(tid)
      this.#untaken.delete(tid)
    } else if (!this.#takers.has(tid)) {
      this.#untaken.add(tid)
    }
    return crossed
  }

  /** Should both parties ever have crossed, one match stays one trade, and always the same. */
  write(fill: Fill, _: Block, records: RecordSink): void {
    this.#rows.write(fill, String(fill.tid), fill.isBuy ? 1 : 0, records)
  }

  /** Matches of which no taker was told: their volume is in no trade. */
  end(records: Pick<RecordSink, 'warn'>): void {
    if (this.#untaken.size > 0) records.warn('no_taker', this.#untaken.size)
  }
}
