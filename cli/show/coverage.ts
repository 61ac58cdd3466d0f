import { DAY_MS, HOUR_MS, parseInstant } from '@backtide/core/range'
import { OBJECT_STATES, type ObjectState } from '@backtide/core/state'
import type { Coverage, CoveredDay } from '../answers.ts'
import { describeCounts } from './backfill.ts'
import { formatNumber, formatTable } from './format.ts'

const GLYPHS: Readonly<Record<ObjectState | 'unknown', string>> = {
  complete: '█',
  complete_empty: '▒',
  missing: '·',
  pending: '?',
  corrupt: '!',
  degraded: '~',
  failed: 'x',
  reset: 'o',
  unverified: '%',
  unknown: '-',
}

/** Coverage for people: a day × 24 grid where each hour is known, else a table by day. */
export function showCoverage(coverage: Coverage): string {
  const hourly = coverage.granularity === 'hour' && coverage.days.every((day) => day.states)
  return `${hourly ? showGrid(coverage) : showDays(coverage)}\n\n${showTotal(coverage)}`
}

function showGrid(coverage: Coverage): string {
  const hours = Array.from({ length: 24 }, (_, hour) => (hour % 6 === 0 ? String(hour) : ''))
  const scale = hours.map((label, hour) => (hour % 6 === 0 ? label.padEnd(6) : '')).join('')
  const rows = coverage.days.map((day) => `${day.day}  ${gridLine(day, coverage)}`)
  const legend = [...OBJECT_STATES, 'unknown' as const].map((state) => `${GLYPHS[state]} ${state}`)
  return [`${' '.repeat(12)}${scale.trimEnd()}`, ...rows, '', legend.join('   ')].join('\n')
}

/** One glyph per hour; hours outside the range asked for are blank. */
function gridLine({ day, states = [] }: CoveredDay, { from, to }: Coverage): string {
  const start = parseInstant(day) ?? 0
  const first = parseInstant(from) ?? start
  const end = parseInstant(to) ?? start + DAY_MS
  return states
    .map((state, hour) => {
      const at = start + hour * HOUR_MS
      return at < first || at >= end ? ' ' : GLYPHS[state ?? 'unknown']
    })
    .join('')
    .trimEnd()
}

function showDays({ days }: Coverage): string {
  const rows = days.map((day) => [
    day.day,
    `${formatNumber(day.total - day.unknown)}/${formatNumber(day.total)}`,
    formatNumber(day.rows),
    describeCounts(day.counts),
  ])
  return formatTable([['DAY', 'SETTLED', 'ROWS', 'OBJECTS'], ...rows])
}

function showTotal({ total, unknown, counts, rows }: Coverage): string {
  const settled = describeCounts(counts)
  return `${formatNumber(total)} objects: ${settled}, ${formatNumber(unknown)} unknown; ${formatNumber(rows)} rows`
}
