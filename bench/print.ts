import type { Line, Section } from './finding.ts'
import { median, rounded } from './series.ts'

/** A section as text: a line for each measured thing with its min, median and max over the runs. */
export function tableOf({ title, lines }: Section): string {
  const rows = [HEAD, ...lines.map(cells)]
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const text = rows.map((row) => row.map((cell, column) => pad(cell, column, widths)).join('  '))
  return [title, ...text.map((line) => `  ${line.trimEnd()}`), ''].join('\n')
}

const HEAD = ['', 'min', 'median', 'max', '']

function cells({ name, unit, values }: Line): string[] {
  return [name, Math.min(...values), median(values), Math.max(...values), unit].map(textOf)
}

function textOf(value: string | number): string {
  return typeof value === 'string' ? value : rounded(value).toLocaleString('en-US')
}

/** Names and units to the left, numbers to the right. */
function pad(cell: string, column: number, widths: readonly number[]): string {
  const width = widths[column] ?? 0
  return column === 0 || column === 4 ? cell.padEnd(width) : cell.padStart(width)
}
