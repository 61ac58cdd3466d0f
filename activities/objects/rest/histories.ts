import type { HistoryWindow } from '@backtide/datasets/dataset'
import type { Range } from '@backtide/core/range'
import { SourceUnavailableError } from '../errors.ts'
import type { AskHistory } from './ask-history.ts'
import { collectPages } from './collect-pages.ts'

/** The records of a window in the order of time, as lines; `open` where one of them is not final yet. */
export type WindowRecords =
  | { readonly state: 'records'; readonly lines: readonly string[] }
  | { readonly state: 'open' | 'unknown' }

/** Gives windows of histories, and asks for as many at once as one request may. */
export interface Histories {
  /** With `fresh`, what is told was asked for after the last minute began. */
  records(window: HistoryWindow, fresh: boolean, signal: AbortSignal): Promise<WindowRecords>
}

interface HeldRecord {
  readonly at: number
  readonly final: number
  readonly line: string
}

/** Records of a range: what one request, or its halves, came to. */
interface Span extends Range {
  readonly askedAt: number
  readonly records: readonly HeldRecord[] | 'unknown'
  readonly size: number
}

/** Most characters of records held for the windows that follow. */
const MOST_HELD = 64 * 1024 * 1024

/** A window that was over for so long when it was asked for does not change by itself, in milliseconds. */
const SETTLED_MS = 60_000

export function createHistories(ask: AskHistory, now: () => number): Histories {
  // In the order of their use: the first is the one not used for longest.
  const held = new Map<string, Span>()
  const asking = new Map<string, Promise<Span>>()

  function keep(name: string, span: Span): void {
    held.delete(name)
    held.set(name, span)
    let sum = [...held.values()].reduce((total, { size }) => total + size, 0)
    for (const [oldest, { size }] of held) {
      if (sum <= MOST_HELD || oldest === name) break
      held.delete(oldest)
      sum -= size
    }
  }

  async function askSpan(window: HistoryWindow, range: Range, signal: AbortSignal): Promise<Span> {
    const askedAt = now()
    const records = await collect(ask, window, range, signal)
    const size = records === 'unknown' ? 0 : records.reduce((sum, { line }) => sum + line.length, 0)
    return { ...range, askedAt, records, size }
  }

  async function spanOf(window: HistoryWindow, fresh: boolean, signal: AbortSignal): Promise<Span> {
    const range = spanAround(window)
    const name = `${window.history} ${range.from}`
    const oldest = fresh ? now() - SETTLED_MS : window.to + SETTLED_MS
    for (;;) {
      const known = held.get(name)
      if (known && known.askedAt >= oldest) {
        keep(name, known)
        return known
      }
      const underWay = asking.get(name)
      if (!underWay) break
      // Whoever asked may give up: then this one asks itself.
      await underWay.catch(() => undefined)
      signal.throwIfAborted()
    }
    const asked = askSpan(window, range, signal)
    asking.set(name, asked)
    try {
      const span = await asked
      keep(name, span)
      return span
    } finally {
      if (asking.get(name) === asked) asking.delete(name)
    }
  }

  return {
    records: async (window, fresh, signal) => {
      const span = await spanOf(window, fresh, signal)
      if (span.records === 'unknown') return { state: 'unknown' }
      const own = span.records.filter(({ at }) => at >= window.from && at < window.to)
      if (own.some(({ final }) => final + SETTLED_MS > span.askedAt)) return { state: 'open' }
      return { state: 'records', lines: own.map(({ line }) => line) }
    },
  }
}

/** Spans lie on a grid, so that all windows of one find it. */
function spanAround({ from, to, spanMs }: HistoryWindow): Range {
  const start = Math.floor(from / spanMs) * spanMs
  // A window that begins on no such grid is asked for alone.
  return start + spanMs >= to ? { from: start, to: start + spanMs } : { from, to }
}

/** Venues cut answers at such numbers of records and do not say so. */
const ROUND = 500

/** No venue has so many records of so short a time that they are cut, in milliseconds. */
const SHORTEST_MS = 1_000

/**
 * Every record of a range, each as one line. An answer that may have been cut is not believed: its halves
 * are asked for.
 * @throws SourceUnavailableError when the venue answers something else than it was asked for
 */
async function collect(
  ask: AskHistory,
  window: HistoryWindow,
  range: Range,
  signal: AbortSignal,
): Promise<readonly HeldRecord[] | 'unknown'> {
  const { nextPage } = window
  const answer = nextPage
    ? await collectPages(ask, { ...window, nextPage }, range, signal)
    : await ask(window.request(range), signal)
  if (answer === 'nothing') {
    // The venue may say the same of everything while it is not well.
    if ((await ask(window.witness, signal)) === 'nothing') {
      throw new SourceUnavailableError(`${window.history}: the venue says nothing of anything`)
    }
    return 'unknown'
  }
  if (nextPage) return readRecords(window, range, answer)
  if (answer.length > 0 && answer.length % ROUND === 0) {
    const middle = range.from + Math.floor((range.to - range.from) / 2)
    if (range.to - range.from < 2 * SHORTEST_MS) {
      throw new SourceUnavailableError(`${window.history}: ${answer.length} records of a second`)
    }
    const first = await collect(ask, window, { from: range.from, to: middle }, signal)
    const second = await collect(ask, window, { from: middle, to: range.to }, signal)
    return first === 'unknown' || second === 'unknown' ? 'unknown' : [...first, ...second]
  }
  return readRecords(window, range, answer)
}

function readRecords(
  window: HistoryWindow,
  range: Range,
  answer: readonly unknown[],
): readonly HeldRecord[] {
  const records = answer.map((record) => {
    const time = window.timeOf(record)
    if (!time) {
      const said = JSON.stringify(record).slice(0, 200)
      throw new SourceUnavailableError(`${window.history}: ${said} is no record of it`)
    }
    return { ...time, line: JSON.stringify(record) }
  })
  const own = records.filter(({ at }) => at >= range.from && at < range.to)
  // Pages begin with the newest record, whatever is asked for.
  if (own.length === 0 && records.length > 0 && !window.nextPage) {
    const other = new Date(records[0]?.at ?? 0).toISOString()
    throw new SourceUnavailableError(
      `${window.history}: asked from ${new Date(range.from).toISOString()} on, the venue answers with ${other}`,
    )
  }
  return own.toSorted((a, b) => a.at - b.at)
}
