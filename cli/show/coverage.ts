import { DAY_MS, HOUR_MS, parseInstant } from '@backtide/core/range'
import type { Coverage, CoverageSums, CoveredDay, CoveredSeries } from '../coverage-answers.ts'
import { describeCounts } from './backfill.ts'
import { formatNumber, formatTable } from './format.ts'
import { glyphOf, legend, worstOf } from './glyphs.ts'

/**
 * Coverage for people: a day × 24 grid where each hour is known, a coin × day grid where each day of each
 * coin is, else a table; below it the sums, and why it is not whole.
 */
export function showCoverage(coverage: Coverage, colors: boolean): string {
  const below = [showTotal(coverage), ...showReasons(coverage)].join('\n')
  return `${showParts(coverage, colors)}\n\n${below}`
}

function showParts(coverage: Coverage, colors: boolean): string {
  const { days = [], hours, series, granularity } = coverage
  if (series?.every((one) => one.days)) return showCoins(series, colors)
  if (series)
    return showTable(
      'COIN',
      series.map((one) => [one.series, one] as const),
    )
  if (hours)
    return showTable(
      'HOUR',
      hours.map((one) => [one.hour, one] as const),
    )
  const hourly = granularity === 'hour' && days.every((day) => day.states)
  if (hourly) return showHours(coverage, days, colors)
  return showTable(
    'DAY',
    days.map((one) => [one.day, one] as const),
  )
}

function showHours(coverage: Coverage, days: readonly CoveredDay[], colors: boolean): string {
  const hours = Array.from({ length: 24 }, (_, hour) => (hour % 6 === 0 ? String(hour) : ''))
  const scale = hours.map((label, hour) => (hour % 6 === 0 ? label.padEnd(6) : '')).join('')
  const rows = days.map((day) => `${day.day}  ${hourLine(day, coverage, colors)}`)
  return [`${' '.repeat(12)}${scale.trimEnd()}`, ...rows, '', legend(colors)].join('\n')
}

/** One glyph per hour; hours outside the range asked for are blank. */
function hourLine(
  { day, states = [] }: CoveredDay,
  { from, to }: Coverage,
  colors: boolean,
): string {
  const start = parseInstant(day) ?? 0
  const first = parseInstant(from) ?? start
  const end = parseInstant(to) ?? start + DAY_MS
  return states
    .map((state, hour) => {
      const at = start + hour * HOUR_MS
      return at < first || at >= end ? ' ' : glyphOf(state ?? 'unknown', colors)
    })
    .join('')
    .trimEnd()
}

/** A grid a month: a coin a line, a day a column, the worst of its objects in each cell. */
function showCoins(series: readonly CoveredSeries[], colors: boolean): string {
  const width = Math.max(7, ...series.map((one) => one.series.length))
  const months = [...new Set((series[0]?.days ?? []).map(({ day }) => day.slice(0, 7)))]
  const grids = months.map((month) => {
    const lines = series.map((one) => {
      const days = (one.days ?? []).filter(({ day }) => day.startsWith(month))
      const before = Number(days[0]?.day.slice(8) ?? 1) - 1
      const cells = days.map(({ counts, unknown }) => glyphOf(worstOf(counts, unknown), colors))
      return `${one.series.padEnd(width)}  ${' '.repeat(before)}${cells.join('')}`
    })
    return [`${month.padEnd(width)}  1   5    10   15   20   25   30`, ...lines].join('\n')
  })
  return [...grids, legend(colors)].join('\n\n')
}

function showTable(name: string, parts: readonly (readonly [string, CoverageSums])[]): string {
  const rows = parts.map(([label, { total, unknown, rows: stored, counts, percent }]) => [
    label,
    `${formatNumber(total - unknown)}/${formatNumber(total)}`,
    `${percent} %`,
    formatNumber(stored),
    describeCounts(counts),
  ])
  return formatTable([[name, 'SETTLED', 'COMPLETE', 'ROWS', 'OBJECTS'], ...rows])
}

function showTotal({ total, unknown, counts, rows, percent }: Coverage): string {
  const settled = describeCounts(counts)
  return `${formatNumber(total)} objects: ${settled}, ${formatNumber(unknown)} unknown; ${formatNumber(rows)} rows; ${percent} % complete`
}

function showReasons({ reasons }: Coverage): readonly string[] {
  return reasons
    .filter(({ reason }) => reason !== '')
    .map(({ state, reason, objects }) => `${formatNumber(objects)} ${state}: ${reason}`)
}
