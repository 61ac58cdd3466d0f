import { formatUsd } from '@backtide/core/prices'
import { stripVTControlCharacters } from 'node:util'
import type { Backfill } from './answers.ts'
import { formatBytes, formatDuration, formatNumber, formatRate } from './show/format.ts'

/** Time between two lines where there is no terminal to draw on, in milliseconds. */
const LINE_INTERVAL = 10_000

/** Shows how far a backfill is while it is open, on stderr: how it ended is the caller's to show. */
export interface Progress {
  update(backfill: Backfill): void
  /** Writes a line for people that stays. */
  tell(line: string): void
  /** Ends the drawing; nothing is shown afterwards. */
  stop(): void
}

/**
 * A picture on a terminal, else one line per 10 seconds and one when it is paused or goes on.
 * @param draw lines of the picture
 */
export function createProgress(
  stream: NodeJS.WriteStream,
  draw: (backfill: Backfill) => readonly string[],
): Progress {
  return stream.isTTY ? createPicture(stream, draw) : createLines(stream, Date.now)
}

/** One line about how far a backfill is. */
export function describeProgress(backfill: Backfill): string {
  const { state, total, remaining, bytes, spent, rate, etaSeconds } = backfill
  const rows = isReloading(backfill) ? backfill.own.rows : backfill.rows
  const done = total - remaining
  const percent = total === 0 ? 100 : (100 * done) / total
  return [
    `${state}: ${formatNumber(done)}/${formatNumber(total)} objects (${percent.toFixed(1)} %)`,
    `${formatNumber(rows)} rows`,
    ...(bytes > 0 ? [formatBytes(bytes)] : []),
    ...(spent.usd > 0 ? [formatUsd(spent.usd)] : []),
    ...(rate ? [`${formatRate(rate.objectsPerSecond)} objects/s`] : []),
    ...(etaSeconds !== null && remaining > 0 ? [`about ${formatDuration(etaSeconds)} left`] : []),
    ...describeRetries(backfill),
  ].join(', ')
}

/** Whether it runs and loads again what is there: what others loaded is not its progress. */
export function isReloading({ state, reprocess }: Backfill): boolean {
  return !SKIPPING.has(reprocess) && (state === 'running' || state === 'paused')
}

const SKIPPING: ReadonlySet<string> = new Set(['incomplete', 'repairable'])

/** `attempt 11 of 2025-01-01 and 3 more`; their reasons are among the warnings. */
function describeRetries({ retrying: [most, ...others] }: Backfill): readonly string[] {
  if (!most) return []
  const more = others.length > 0 ? ` and ${others.length} more` : ''
  return [`attempt ${most.attempt} of ${most.day ?? most.activity}${more}`]
}

/** Lines that are drawn over one another. */
function createPicture(
  stream: NodeJS.WriteStream,
  draw: (backfill: Backfill) => readonly string[],
): Progress {
  let shown: readonly string[] = []
  const wipe = (): string => {
    const rows = shown.reduce((sum, line) => sum + rowsOf(line, stream.columns), 0)
    return rows === 0 ? '' : `\u001B[${rows}A\r\u001B[J`
  }
  const show = (lines: readonly string[], before = ''): void => {
    const wiped = wipe()
    shown = lines
    stream.write(wiped + before + lines.map((line) => `${line}\n`).join(''))
  }
  return {
    update: (backfill) => show(draw(backfill)),
    tell: (line) => show(shown, `${line}\n`),
    stop: () => show([]),
  }
}

/** Rows of a terminal that a line takes. */
function rowsOf(line: string, columns: number): number {
  return Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns))
}

function createLines(stream: NodeJS.WriteStream, now: () => number): Progress {
  let last: { readonly at: number; readonly state: string } | undefined
  return {
    update: (backfill) => {
      const { state, endedAt } = backfill
      if (endedAt !== null) return
      if (last && last.state === state && now() - last.at < LINE_INTERVAL) return
      last = { at: now(), state }
      stream.write(`${describeProgress(backfill)}\n`)
    },
    tell: (line) => void stream.write(`${line}\n`),
    stop: () => undefined,
  }
}
