import { dayKey, partitionsOf } from '@backtide/core/partition'
import type { Granularity } from '@backtide/core/partition'
import type { Range } from '@backtide/core/range'
import { OBJECT_STATES } from '@backtide/core/state'
import type { StateCounts } from '@backtide/core/state'

/** Line the Web UI shows for a day, e.g. `hyperliquid.l2_book · 2025-01-01 · 3 series`. */
export function summariseDay(dataset: string, day: Range, series: readonly string[]): string {
  return `${dataset} · ${dayKey(day.from)} · ${summariseSeries(series)}`
}

/** Line the Web UI shows for a load, e.g. `hours 00–07 · 3 series`. */
export function summariseLoad(
  load: Range,
  granularity: Granularity,
  series: readonly string[],
): string {
  return `${summarisePartitions(load, granularity)} · ${summariseSeries(series)}`
}

/** A Markdown table of two columns; the title heads the first. */
export function markdownTable(
  title: string,
  rows: readonly (readonly [name: string, value: string])[],
): string {
  const lines = rows.map(([name, value]) => `| ${name} | ${escapeCell(value)} |`)
  return [`| ${escapeCell(title)} | |`, '|---|---|', ...lines].join('\n')
}

/** `23 complete, 1 missing`, or `none`. */
export function markdownCounts(counts: StateCounts): string {
  const parts = OBJECT_STATES.filter((state) => counts[state]).map(
    (state) => `${groupDigits(counts[state] ?? 0)} ${state}`,
  )
  return parts.join(', ') || 'none'
}

/** `1,234,567`: without `Intl`, whose data may differ between workers. */
export function groupDigits(value: number): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
}

function summarisePartitions(load: Range, granularity: Granularity): string {
  if (granularity === 'day') return `day ${dayKey(load.from)}`
  const hours = partitionsOf(load, granularity).map(hourOf)
  const [first, last] = [hours.at(0) ?? '', hours.at(-1) ?? '']
  return hours.length > 1 ? `hours ${first}–${last}` : `hour ${first}`
}

function summariseSeries(series: readonly string[]): string {
  const [only] = series
  if (only === undefined || series.length > 1) return `${series.length} series`
  return only === '*' ? 'all symbols' : only.slice(0, 40)
}

function hourOf(instant: number): string {
  return new Date(instant).toISOString().slice(11, 13)
}

function escapeCell(text: string): string {
  return text.replace(/\s+/g, ' ').replaceAll('|', '\\|')
}
