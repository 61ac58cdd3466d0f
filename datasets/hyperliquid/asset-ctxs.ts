import { dataTable, type DataTable } from '@backtide/core/table'
import type { Dataset, RecordSink } from '../dataset.ts'
import { doubleColumn, rowStart } from '../ilp/names.ts'
import { marketOf, VENUE } from './archive.ts'
import { checkContext, CONTEXT_CHECK_SQL, contextKey, symbolKey } from './asset-ctxs-check.ts'
import { CONTEXT_DAYS, contextFormats, type ContextWriter } from './asset-ctxs-reader.ts'
import { NUMBERS, type ContextRow } from './asset-ctxs-row.ts'

/** Funding, open interest and prices of every coin, once a minute: one CSV object a day. */
export const hyperliquidAssetCtxs: Dataset = {
  ...CONTEXT_DAYS,
  id: 'hyperliquid.asset_ctxs',
  title: 'Hyperliquid asset contexts: funding, open interest, volume and prices, by the minute',
  ...contextsIn('asset_ctxs', VENUE),
  symbolColumn: 'symbol',
  record: ['ts', 'symbol'],
  checksum: CONTEXT_CHECK_SQL,
  inexact: ['day_ntl_vlm'],
}

/** A table of asset contexts, a row a coin and minute as the archive has them, and what fills it. */
export function contextsIn(
  name: string,
  constants: Readonly<Record<string, string>>,
): Pick<Dataset, 'table' | 'constants' | 'formats'> {
  const table = dataTable({
    name,
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
  })
  return { table, constants, formats: contextFormats(2, () => new WideRows(table, constants)) }
}

/** A row of all columns. */
class WideRows implements ContextWriter<Coin> {
  readonly #table: string
  readonly #constants: Readonly<Record<string, string>>

  constructor({ name }: DataTable, constants: Readonly<Record<string, string>>) {
    this.#table = name
    this.#constants = constants
  }

  coinOf(symbol: string): Coin {
    const symbols = { ...this.#constants, market: marketOf(symbol), symbol }
    return { symbol, start: rowStart(this.#table, symbols), key: symbolKey(symbol) }
  }

  write({ ts, numbers }: ContextRow, { symbol, start, key }: Coin, records: RecordSink): void {
    const { rows } = records
    rows.begin(start)
    for (let at = 0; at < DOUBLES.length; at++) {
      const value = numbers[at] ?? Number.NaN
      const column = DOUBLES[at]
      if (column && !Number.isNaN(value)) rows.double(column, value)
    }
    rows.end(ts)
    const check = checkContext(contextKey(ts, key), numbers)
    records.commit({ ts, symbol, identity: '', rank: 0, rows: 1, check })
  }
}

/** A coin as rows name it: the start of its rows is written once, its part of their keys computed once. */
interface Coin {
  readonly symbol: string
  readonly start: Buffer
  readonly key: number
}

const DOUBLES = NUMBERS.map(doubleColumn)
