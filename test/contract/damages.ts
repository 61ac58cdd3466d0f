import type { ColumnType } from '@backtide/core/table'
import type { Dataset } from '@backtide/datasets/dataset'
import type { IlpRow, Value } from './ilp-reader.ts'

/** Rows after something went wrong with one or two of them, and what they were. */
export interface Damage {
  readonly now: readonly IlpRow[]
  readonly was: readonly IlpRow[]
}

/**
 * Every damage of a kind that a check must show: two neighbouring rows swap a value, or all of them;
 * two columns of a type swap theirs; a value changes. Of arrays the first level is damaged: the
 * others take turns.
 */
export function damagesOf(dataset: Dataset, rows: readonly IlpRow[]): Damage[] {
  const columns = valueColumns(dataset, rows)
  const { columns: types } = dataset.table
  return rows.flatMap((row, at) => {
    const next = rows[(at + 1) % rows.length] ?? row
    const swaps = [...columns.map((column) => [column]), columns].map((some) => {
      return damage(rows, [row, next], [withValues(row, next, some), withValues(next, row, some)])
    })
    const others = columns.flatMap((column) => [
      ...columns
        .filter((other) => types[other] === types[column])
        .map((other) => damage(rows, [row], [withSwapped(row, column, other)])),
      damage(rows, [row], [withChanged(row, column, types[column])]),
    ])
    return [...swaps, ...others].filter(({ now, was }) => !isSame(now, was))
  })
}

/** Those that the dataset writes, but flags, which it writes the same in all rows. */
function valueColumns({ table: { columns, keys } }: Dataset, rows: readonly IlpRow[]): string[] {
  const written = new Set(rows.flatMap(({ values }) => Object.keys(values)))
  const isValue = (name: string) => !['BYTE', 'BOOLEAN'].includes(columns[name] ?? '')
  return Object.keys(columns).filter(
    (name) => written.has(name) && isValue(name) && !keys.includes(name),
  )
}

function damage(all: readonly IlpRow[], was: readonly IlpRow[], now: readonly IlpRow[]): Damage {
  return { now: [...all.filter((row) => !was.includes(row)), ...now], was }
}

function withValues(row: IlpRow, from: IlpRow, columns: readonly string[]): IlpRow {
  const values: Record<string, Value> = { ...row.values }
  for (const column of columns) put(values, column, from.values[column])
  return { ...row, values }
}

function withSwapped(row: IlpRow, column: string, other: string): IlpRow {
  const values: Record<string, Value> = { ...row.values }
  put(values, column, row.values[other])
  put(values, other, row.values[column])
  return { ...row, values }
}

function withChanged(row: IlpRow, column: string, type: ColumnType | undefined): IlpRow {
  const value = row.values[column]
  if (type !== undefined && TEXTS.includes(type)) {
    return withOne(row, column, otherText(String(value ?? '')))
  }
  const least = type === 'LONG' || type === 'INT' ? 1 : 1e-4
  if (!Array.isArray(value)) return withOne(row, column, Number(value ?? 0) + least)
  const [prices = [], ...others] = value
  return withOne(row, column, [
    prices.map((price, at) => (at === 0 ? price + 1e-4 : price)),
    ...others,
  ])
}

const TEXTS: readonly ColumnType[] = ['SYMBOL', 'VARCHAR', 'TIMESTAMP_NS']

/** The same but for its last character. */
function otherText(text: string): string {
  return `${text.slice(0, -1)}${text.endsWith('1') ? '2' : '1'}`
}

function withOne(row: IlpRow, column: string, value: Value): IlpRow {
  return { ...row, values: { ...row.values, [column]: value } }
}

function put(values: Record<string, Value>, column: string, value: Value | undefined): void {
  if (value === undefined) delete values[column]
  else values[column] = value
}

/** Absent and zero are the same to a check: a venue that says none says zero. */
function isSame(now: readonly IlpRow[], was: readonly IlpRow[]): boolean {
  const left = new Set(was.map(textOf))
  return now.slice(-was.length).every((row) => left.has(textOf(row)))
}

function textOf({ ts, values }: IlpRow): string {
  const entries = Object.entries(values).filter(([, value]) => value !== 0 && !isZeroHex(value))
  return JSON.stringify([ts, entries.toSorted(([a], [b]) => (a < b ? -1 : 1))])
}

function isZeroHex(value: Value): boolean {
  return typeof value === 'string' && /^0x0+$/.test(value)
}
