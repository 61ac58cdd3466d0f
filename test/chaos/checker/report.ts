import { groupBy } from './group-by.ts'
import type { CheckResult, WrongRow } from './check.ts'

const MOST_GROUPS = 30

/** What differs, a line each, for people: states one by one, rows by hour with one of them shown. */
export function describeDifferences({
  wrongRows,
  wrongStates,
  unsettledRows,
}: CheckResult): string[] {
  const states = wrongStates.map(({ dataset, object, wrong }) => `${dataset} ${object}: ${wrong}`)
  const groups = [...groupBy(wrongRows, groupOf)].map(describeGroup)
  const named = `${unsettledRows} surplus rows are named by degraded objects`
  return [
    ...states,
    ...groups.slice(0, MOST_GROUPS),
    ...(groups.length > MOST_GROUPS ? [`… and ${groups.length - MOST_GROUPS} more groups`] : []),
    ...(unsettledRows > 0 ? [named] : []),
  ]
}

function groupOf({ dataset, kind, key }: WrongRow): string {
  const [coin, ts = ''] = key.split(' ')
  return `${dataset} ${kind} ${coin} ${ts.slice(0, 13)}`
}

function describeGroup([group, rows]: readonly [string, readonly WrongRow[]]): string {
  const [first] = rows
  const expected = first?.expected === undefined ? '' : `, expected ${short(first.expected)}`
  const found = first?.found === undefined ? '' : `, found ${short(first.found)}`
  return `${group}: ${rows.length} rows, the first ${first?.key}${expected}${found}`
}

function short(text: string): string {
  return text.length > 120 ? `${text.slice(0, 119)}…` : text
}
