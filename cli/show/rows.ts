import { isComplete } from '@backtide/core/state'
import type { Rows } from '../answers.ts'
import { formatNumber, formatTable } from './format.ts'

/** Most objects that are named one by one. */
const MOST_NAMED = 5

/** Rows for people: a line each, books by their best price; below it, whether they are verified. */
export function showRows(answer: Rows): string {
  if (answer.rows.length === 0) return describeNone(answer)
  const { same, different } = splitColumns(answer)
  const cells = answer.rows.map((row) => different.map((column) => formatCell(row[column])))
  const table = formatTable([different, ...cells])
  const all = same.map((column) => `${column} ${String(answer.rows[0]?.[column])}`)
  const common = all.length > 0 ? `\nall: ${all.join(', ')}` : ''
  return `${table}\n${common}\n${describeState(answer)}`.replace('\n\n\n', '\n\n')
}

/** Names that are the same in all rows need no column: venue and market mostly are. */
function splitColumns({ columns, rows }: Rows) {
  const names = Object.keys(columns)
  const isSame = (name: string) =>
    columns[name] === 'SYMBOL' && rows.every((row) => row[name] === rows[0]?.[name])
  return { same: names.filter(isSame), different: names.filter((name) => !isSame(name)) }
}

/** `93260 × 0.21 (20)` of a book's side: best price, its size, and how many levels there are. */
function formatCell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return value.replace(/(T\d\d:\d\d:\d\d)(\.\d*?)0+Z$/, trimTime)
  if (!Array.isArray(value)) return JSON.stringify(value)
  const [prices, sizes] = value as readonly (readonly number[] | undefined)[]
  if (!prices || prices.length === 0) return 'empty'
  return `${prices[0]} × ${sizes?.[0]} (${prices.length})`
}

function trimTime(_: string, time: string, fraction: string): string {
  return `${time}${fraction === '.' ? '' : fraction}Z`
}

function describeNone({ dataset, from, to }: Rows): string {
  const where = from && to ? ` from ${from} to ${to}` : ''
  return `no rows${where}; backtide coverage ${dataset} … tells what of a range is loaded`
}

function describeState({ rows, verified, objects }: Rows): string {
  const count = `${formatNumber(rows.length)} ${rows.length === 1 ? 'row' : 'rows'}`
  const of = objects.length === 1 ? '1 object' : `${formatNumber(objects.length)} objects`
  if (verified) return `${count} of ${of}: all verified`
  const doubtful = objects.filter(({ state }) => state === 'unknown' || !isComplete(state))
  const named = doubtful
    .slice(0, MOST_NAMED)
    .map(({ partition, series, state }) => `${partition} ${series} is ${state}`)
  const more = doubtful.length > MOST_NAMED ? ', …' : ''
  return `${count} of ${of}: not all verified: ${named.join(', ')}${more}`
}
