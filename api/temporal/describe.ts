import type { BackfillInput } from '@backtide/core/backfill'
import { partitionKey } from '@backtide/core/partition'
import { splitSeries } from '@backtide/core/series'

/** Temporal's limits for what its Web UI shows of a run, in bytes. */
const SUMMARY_BYTES = 200
const DETAILS_BYTES = 20_000

/** One line about a backfill for Temporal's Web UI. */
export function summariseRequest(input: BackfillInput): string {
  return cut(`${input.dataset} · ${boundsOf(input)} · ${seriesIn(input)}`, SUMMARY_BYTES)
}

/** The request as a table, in Markdown, for Temporal's Web UI. */
export function describeRequest(input: BackfillInput): string {
  const { coins, intervals } = splitSeries(input.symbols)
  const rows: readonly (readonly [string, string])[] = [
    ['dataset', input.dataset],
    ['range', `${boundsOf(input)} (end exclusive, UTC)`],
    ['order', input.order],
    ['reprocess', input.reprocess],
    ['on failure', input.onFailure],
    ['days in flight', String(input.concurrency)],
    ...(intervals ? [['intervals', intervals.join(', ')] as const] : []),
    ...(input.retryOf ? [['retry of', input.retryOf] as const] : []),
    ['coins', coinsOf(coins)],
  ]
  const lines = ['| | |', '|---|---|', ...rows.map(([name, value]) => `| ${name} | ${value} |`)]
  return cut(lines.join('\n'), DETAILS_BYTES)
}

function boundsOf({ range, granularity }: BackfillInput): string {
  return `${partitionKey(range.from, granularity)} → ${partitionKey(range.to, granularity)}`
}

/** What it loads, in a few words. */
function seriesIn({ symbols }: BackfillInput): string {
  const { coins, intervals } = splitSeries(symbols)
  return intervals ? `${coinsOf(coins)} at ${intervals.join(', ')}` : coinsOf(coins)
}

function coinsOf(coins: readonly string[]): string {
  return coins.length === 1 && coins[0] === '*' ? 'all coins' : coins.join(', ')
}

/** The first bytes of a text, in whole characters. */
function cut(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text
  const room = Buffer.from(text).subarray(0, bytes - 3)
  return `${room.toString('utf8').replace(/�+$/, '')}…`
}
