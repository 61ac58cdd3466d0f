import { partitionLength } from '@backtide/core/partition'
import { PART, SEAM } from '@backtide/core/table'
import type { Dataset } from './dataset.ts'

/** What is wrong with some datasets, one sentence each: names go into SQL and rows unquoted. */
export function checkDatasets(datasets: readonly Dataset[]): string[] {
  return datasets.flatMap((dataset, at) => {
    const earlier = datasets.slice(0, at)
    const checks = [
      checkNames,
      checkKeys,
      checkMerged,
      checkPicked,
      checkConstants,
      checkRecord,
      checkReach,
      checkFormats,
    ]
    const faults = checks.flatMap((check) => check(dataset))
    if (earlier.some(({ id }) => id === dataset.id)) faults.push('its id is taken')
    if (earlier.some((other) => sharesTableDifferently(other, dataset))) {
      faults.push(`table ${dataset.table.name} has another shape in another dataset`)
    }
    for (const other of earlier.filter((one) => hasSameRows(one, dataset))) {
      faults.push(`no constant tells its rows from those of ${other.id}`)
    }
    return faults.map((fault) => `${dataset.id}: ${fault}`)
  })
}

const ID = /^[a-z][a-z0-9]*(?:\.[a-z][a-z0-9_]*)+$/
const NAME = /^[a-z][a-z0-9_]{0,62}$/

function checkNames({ id, table, symbolColumn }: Dataset): string[] {
  const columns = Object.keys(table.columns)
  const faults = [table.name, ...columns]
    .filter((name) => !NAME.test(name))
    .map((name) => `${JSON.stringify(name)} is no name for a table or column`)
  if (!ID.test(id)) faults.push('its id is not <venue>.<kind>')
  if (!columns.includes(symbolColumn)) faults.push(`there is no symbol column ${symbolColumn}`)
  return faults
}

function checkKeys({ table, symbolColumn, intervals }: Dataset): string[] {
  const [timestamp = ''] = Object.keys(table.columns)
  const faults = table.keys
    .filter((key) => !Object.hasOwn(table.columns, key))
    .map((key) => `there is no key column ${key}`)
  if (table.columns[timestamp] !== 'TIMESTAMP') faults.push('its first column is no TIMESTAMP')
  if (!table.keys.includes(timestamp)) faults.push('its timestamp is not a key')
  if (!table.keys.includes(symbolColumn)) faults.push('its symbol column is not a key')
  if (intervals && !table.keys.includes('interval')) {
    faults.push('it has intervals, and interval is not a key')
  }
  return faults
}

/** What an origin has that the view does not know of would be seen by nobody. */
function checkMerged({ table, constants }: Dataset): string[] {
  const { merged } = table.view
  if (!merged) return []
  const { by, column, priority } = merged
  const faults: string[] = []
  const keys = table.keys.filter((key) => key !== SEAM)
  if (keys.toSorted().join() !== [...by, column].toSorted().join()) {
    faults.push(`its rows are merged by other columns than its keys without ${column}`)
  }
  if (!priority.includes(constants[column] ?? '')) {
    faults.push(`its ${column} is none of those that its view merges: ${priority.join(', ')}`)
  }
  const mixed = table.view.columns.filter((name) => {
    return !keys.includes(name) && !COMPARABLE.has(table.columns[name])
  })
  return [...faults, ...mixed.map((name) => `QuestDB has no max of its column ${name}`)]
}

/** A pick is of a series: what tells rows of one apart may not be part of it, nor be missing in it. */
function checkPicked({ table, constants, symbolColumn, intervals }: Dataset): string[] {
  const { picked } = table.view
  if (!picked) return []
  const { by, column, priority } = picked
  const faults = by
    .filter((name) => table.columns[name] !== 'SYMBOL' || !table.keys.includes(name))
    .map((name) => `its rows are picked by ${name}, which is no symbol among its keys`)
  const series = intervals ? [symbolColumn, 'interval'] : [symbolColumn]
  const missing = series.filter((name) => !by.includes(name))
  faults.push(...missing.map((name) => `its rows are not picked by ${name}`))
  if (!priority.includes(constants[column] ?? '')) {
    faults.push(`its ${column} is none of those that its view picks: ${priority.join(', ')}`)
  }
  return faults
}

const COMPARABLE: ReadonlySet<string | undefined> = new Set([
  'DOUBLE',
  'INT',
  'LONG',
  'TIMESTAMP',
  'TIMESTAMP_NS',
])

function checkConstants({ table, constants, symbolColumn }: Dataset): string[] {
  return Object.keys(constants).flatMap((name) => {
    if (name === symbolColumn) return [`its constant ${name} is the symbol column`]
    return table.columns[name] === 'SYMBOL'
      ? []
      : [`its constant ${name} is no symbol of the table`]
  })
}

function checkRecord({ table, record, constants, symbolColumn, intervals }: Dataset): string[] {
  const [timestamp = ''] = Object.keys(table.columns)
  const faults = record.flatMap((name) => {
    if (name === SEAM) return [`its record column ${name} is Backtide's`]
    if (Object.hasOwn(constants, name)) return [`its record column ${name} is a constant`]
    return table.keys.includes(name) ? [] : [`its record column ${name} is no key`]
  })
  if (!record.includes(timestamp)) faults.push('its records do not have the timestamp')
  if (!record.includes(symbolColumn)) faults.push('its records do not have the symbol column')
  if (intervals && !record.includes('interval')) faults.push('its records do not have the interval')
  return faults
}

/** Partitions that a seam can tell of. */
const FURTHEST_SEAM = PART / 2 - 1

function checkReach({ granularity, reachMs, shortAfterMs = 1, intervals }: Dataset): string[] {
  const faults: string[] = []
  const length = partitionLength(granularity)
  const partitions = Math.ceil(reachMs / length)
  if (!Number.isInteger(reachMs) || reachMs < 0 || partitions > FURTHEST_SEAM) {
    faults.push(`a reach of ${reachMs} ms is none`)
  }
  const afters =
    typeof shortAfterMs === 'number'
      ? [shortAfterMs]
      : (intervals ?? []).map((interval) => shortAfterMs[interval] ?? 0)
  const wrong = afters.filter((after) => !(after > 0 && after <= length))
  faults.push(...wrong.map((after) => `no partition is cut short after ${after} ms`))
  return faults
}

function checkFormats({ formats }: Dataset): string[] {
  const faults: string[] = []
  if (formats.length === 0) faults.push('it has no format')
  if (formats.at(-1)?.until !== undefined) faults.push('its last format ends')
  const bounds = formats.slice(0, -1).map(({ until }) => until)
  if (bounds.some((until) => until === undefined))
    faults.push('a format before its last has no end')
  if (bounds.some((until, at) => at > 0 && !((bounds[at - 1] ?? 0) < (until ?? 0)))) {
    faults.push('its formats are not in order')
  }
  return faults
}

function sharesTableDifferently(a: Dataset, b: Dataset): boolean {
  return a.table.name === b.table.name && JSON.stringify(a.table) !== JSON.stringify(b.table)
}

/** Whose a row is, is told by the constants of its dataset: they are part of every read-back. */
function hasSameRows(a: Dataset, b: Dataset): boolean {
  if (a.table.name !== b.table.name) return false
  return Object.keys(a.constants).every((name) => {
    return !Object.hasOwn(b.constants, name) || a.constants[name] === b.constants[name]
  })
}
