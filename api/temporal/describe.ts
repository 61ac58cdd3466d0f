import type { BackfillInput } from '@backtide/core/backfill'
import { partitionKey } from '@backtide/core/partition'

/** Temporal's limits for what its Web UI shows of a run, in bytes. */
const SUMMARY_BYTES = 200
const DETAILS_BYTES = 20_000

/** One line about a backfill for Temporal's Web UI. */
export function summariseRequest(input: BackfillInput): string {
  return cut(`${input.dataset} · ${boundsOf(input)} · ${coinsOf(input)}`, SUMMARY_BYTES)
}

/** The request as a table, in Markdown, for Temporal's Web UI. */
export function describeRequest(input: BackfillInput): string {
  const rows: readonly (readonly [string, string])[] = [
    ['dataset', input.dataset],
    ['range', `${boundsOf(input)} (end exclusive, UTC)`],
    ['order', input.order],
    ['reprocess', input.reprocess],
    ['on failure', input.onFailure],
    ['days in flight', String(input.concurrency)],
    ...(input.retryOf ? [['retry of', input.retryOf] as const] : []),
    ['coins', coinsOf(input)],
  ]
  const lines = ['| | |', '|---|---|', ...rows.map(([name, value]) => `| ${name} | ${value} |`)]
  return cut(lines.join('\n'), DETAILS_BYTES)
}

function boundsOf({ range, granularity }: BackfillInput): string {
  return `${partitionKey(range.from, granularity)} → ${partitionKey(range.to, granularity)}`
}

function coinsOf({ symbols }: BackfillInput): string {
  return symbols.length === 1 && symbols[0] === '*' ? 'all coins' : symbols.join(', ')
}

/** The first bytes of a text, in whole characters. */
function cut(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text
  const room = Buffer.from(text).subarray(0, bytes - 3)
  return `${room.toString('utf8').replace(/�+$/, '')}…`
}
