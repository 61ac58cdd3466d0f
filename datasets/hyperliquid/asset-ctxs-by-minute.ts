import type { DataTable } from '@backtide/core/table'
import type { Dataset, RecordSink } from '../dataset.ts'
import { doubleColumn, rowStart, type Column } from '../ilp/names.ts'
import {
  checkIntegerSql,
  checkKeySql,
  checkNumber,
  checkNumberSql,
  checkProduct,
  checkRate,
  checkRateSql,
  checkRowSql,
  checkSymbolSql,
} from '../values/checksum.ts'
import { marketOf, VENUE } from './archive.ts'
import { contextKey, symbolKey } from './asset-ctxs-check.ts'
import { CONTEXT_DAYS, contextFormats, type ContextWriter } from './asset-ctxs-reader.ts'
import type { ContextRow } from './asset-ctxs-row.ts'

const CONSTANTS = { ...VENUE, origin: 'archive' } as const

const MINUTE = 60_000_000

/** A column of a unified table that contexts fill. */
export interface ContextColumn {
  readonly name: string
  /** Far below one, as funding is: its check looks at more digits. */
  readonly isRate?: true
  /** Its value, of the numbers of a context; NaN where there is none. */
  of(numbers: Float64Array): number
}

/**
 * A dataset that fills some columns of a unified table, a row a coin and minute: of several contexts of
 * a minute the last one counts.
 */
export function contextsByMinute({
  columns,
  ...facts
}: Pick<Dataset, 'id' | 'title' | 'table' | 'inexact'> & {
  readonly columns: readonly ContextColumn[]
}): Dataset {
  const key = checkKeySql([checkIntegerSql('ts'), checkSymbolSql('symbol')])
  const values = columns.map(({ name, isRate }) => (isRate ? checkRateSql : checkNumberSql)(name))
  return {
    ...CONTEXT_DAYS,
    ...facts,
    symbolColumn: 'symbol',
    constants: CONSTANTS,
    record: ['ts', 'symbol'],
    checksum: checkRowSql(key, values),
    formats: contextFormats(1, () => new MinuteRows(facts.table, columns)),
  }
}

class MinuteRows implements ContextWriter<Coin> {
  readonly #table: string
  readonly #columns: readonly Written[]

  constructor({ name: table }: DataTable, columns: readonly ContextColumn[]) {
    this.#table = table
    this.#columns = columns.map(({ name, isRate, of }) => {
      return { column: doubleColumn(name), of, check: isRate ? checkRate : checkNumber }
    })
  }

  coinOf(symbol: string): Coin {
    const start = rowStart(this.#table, { ...CONSTANTS, market: marketOf(symbol), symbol })
    return { symbol, start, key: symbolKey(symbol) }
  }

  write({ ts: at, numbers }: ContextRow, { symbol, start, key }: Coin, records: RecordSink): void {
    const { rows } = records
    const ts = at - (at % MINUTE)
    let values = 1
    rows.begin(start)
    for (const [place, { column, of, check }] of this.#columns.entries()) {
      const value = of(numbers)
      if (!Number.isFinite(value)) continue
      rows.double(column, value)
      values += (place + 1) * check(value)
    }
    rows.end(ts)
    const check = checkProduct(contextKey(ts, key), values)
    records.commit({ ts, symbol, identity: '', rank: at, rows: 1, check })
  }
}

interface Written extends Pick<ContextColumn, 'of'> {
  readonly column: Column
  check(value: number): number
}

interface Coin {
  readonly symbol: string
  readonly start: Buffer
  readonly key: number
}
