import { createHash } from 'node:crypto'
import type { HistoryWindow, RestSource } from '@backtide/datasets/dataset'
import { BadSourceError } from '../errors.ts'
import type { FoundObject, ObjectStore } from '../object-store.ts'
import { TIMEOUTS, type ReadOptions } from '../reading/ranged-store.ts'
import { createAskHistory } from './ask-history.ts'
import { createHistories } from './histories.ts'
import type { Turns } from './turns.ts'

export interface RestOptions extends Omit<ReadOptions, 'partsAhead'> {
  readonly turns: Turns
  /** Where the source asks for one. */
  readonly key?: string | undefined
  /** UTC milliseconds. */
  readonly now?: () => number
}

/**
 * Object store over a history behind requests. An object is one window: its bytes are the records of the
 * window, one a line, its ETag their SHA-256. It is absent while one of them is not final, when the
 * venue does not know the symbol, and when the window is older than what the venue has: an answer
 * without records means nothing there.
 */
export function createRestObjectStore(source: RestSource, options: RestOptions): ObjectStore {
  const { turns, onThrottle, now = Date.now } = options
  const timeouts = { ...TIMEOUTS, ...options.timeouts }
  const ask = createAskHistory({ source, key: options.key, turns, timeouts, onThrottle })
  const histories = createHistories(ask, now)
  return {
    open: async (key, { unlessEtag, current = false, signal = NEVER }) => {
      const window = windowOf(source, key)
      if (isGone(window, now())) return { state: 'absent' }
      // A load opens many objects at once: one signal is not for so many listeners.
      const own = AbortSignal.any([signal])
      const records = await histories.records(window, current, own)
      if (records.state !== 'records') return { state: 'absent' }
      const found = objectOf(records.lines)
      return found.etag === unlessEtag ? { state: 'unchanged' } : found
    },
    checkAccess: async ([key = ''], { signal = NEVER } = {}) => {
      await ask(windowOf(source, key).witness, signal)
    },
    list: async () => undefined,
  }
}

const NEVER = new AbortController().signal

function windowOf(source: RestSource, key: string): HistoryWindow {
  try {
    return source.windowOf(key)
  } catch (error) {
    throw new BadSourceError(source.name, (error as Error).message, { cause: error })
  }
}

function isGone({ from, keptMs }: HistoryWindow, now: number): boolean {
  return keptMs !== undefined && from < now - keptMs
}

function objectOf(lines: readonly string[]): FoundObject {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
  const etag = createHash('sha256').update(bytes).digest('hex')
  // oxlint-disable-next-line typescript/require-await -- what reads it reads any other body too
  async function* body() {
    yield bytes
  }
  return { state: 'found', etag, size: bytes.length, body: body(), close: () => {} }
}
