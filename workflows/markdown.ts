import { OBJECT_STATES } from '@backtide/core/state'
import type { StateCounts } from '@backtide/core/state'

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
    (state) => `${counts[state]} ${state}`,
  )
  return parts.join(', ') || 'none'
}

function escapeCell(text: string): string {
  return text.replace(/\s+/g, ' ').replaceAll('|', '\\|')
}
