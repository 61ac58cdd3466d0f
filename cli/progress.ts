import { Presets, SingleBar } from 'cli-progress'
import type { Backfill } from './answers.ts'
import { formatDuration, formatNumber, formatRate } from './show/format.ts'

/** Time between two lines where there is no terminal to draw on, in milliseconds. */
const LINE_INTERVAL = 10_000

/** Shows how far a backfill is while it is open, on stderr: how it ended is the caller's to show. */
export interface Progress {
  update(backfill: Backfill): void
  /** Ends the drawing; nothing is shown afterwards. */
  stop(): void
}

/** A bar on a terminal, else one line per 10 seconds and one when it is paused or goes on. */
export function createProgress(stream: NodeJS.WriteStream): Progress {
  return stream.isTTY ? createBar(stream) : createLines(stream, Date.now)
}

/** One line about how far a backfill is. */
export function describeProgress(backfill: Backfill): string {
  const { state, total, remaining, rate, etaSeconds } = backfill
  const rows = isReloading(backfill) ? backfill.own.rows : backfill.rows
  const done = total - remaining
  const percent = total === 0 ? 100 : (100 * done) / total
  return [
    `${state}: ${formatNumber(done)}/${formatNumber(total)} objects (${percent.toFixed(1)} %)`,
    `${formatNumber(rows)} rows`,
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

function createBar(stream: NodeJS.WriteStream): Progress {
  const bar = new SingleBar(
    { stream, format: '{bar} {line}', hideCursor: true, clearOnComplete: true, fps: 5 },
    Presets.shades_classic,
  )
  let started = false
  return {
    update: (backfill) => {
      const { total, remaining } = backfill
      const payload = { line: describeProgress(backfill) }
      if (started) bar.update(total - remaining, payload)
      else bar.start(total, total - remaining, payload)
      started = true
    },
    stop: () => bar.stop(),
  }
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
    stop: () => undefined,
  }
}
