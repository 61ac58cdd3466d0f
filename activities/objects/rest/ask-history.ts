import { retryAfterMs } from '@backtide/core/retry-after'
import type { HistoryRequest, RestSource } from '@backtide/datasets/dataset'
import { setTimeout as pause } from 'node:timers/promises'
import { AccessDeniedError, BadSourceError, SourceUnavailableError } from '../errors.ts'
import type { Timeouts } from '../reading/ranged-store.ts'
import type { Turns } from './turns.ts'

/** Records as the venue answers them; `nothing` is how some say that they know no such symbol. */
export type HistoryAnswer = readonly unknown[] | 'nothing'

/**
 * Asks for records in turn, up to three times while the answer is one that passes by itself.
 * @throws SourceUnavailableError when no list of records came: no answer, another status, HTML, half of one
 * @throws AccessDeniedError, BadSourceError when the venue refuses such requests
 */
export type AskHistory = (request: HistoryRequest, signal: AbortSignal) => Promise<HistoryAnswer>

export interface Asking {
  readonly source: Pick<RestSource, 'name' | 'baseUrl' | 'limit' | 'key'>
  /** Where the source asks for one: without it nothing is asked. */
  readonly key?: string | undefined
  readonly turns: Turns
  readonly timeouts: Timeouts
  /** Told of every answer that asks for fewer requests. */
  readonly onThrottle?: (() => void) | undefined
}

export function createAskHistory({ source, key, turns, timeouts, onThrottle }: Asking): AskHistory {
  const { limit, name } = source
  const headers = source.key && key !== undefined ? { [source.key.header]: key } : {}
  // A venue may repeat what it was told, and its words go into errors.
  const hide = (text: string) => (key === undefined ? text : text.replaceAll(key, '…'))

  async function attempt(request: HistoryRequest, signal: AbortSignal): Promise<Attempt> {
    await turns.take(limit, request.weight, signal)
    try {
      const { status, text, waitMs } = await post(source, request, headers, timeouts, signal)
      if (status === 429) {
        onThrottle?.()
        await turns.backOff(limit, waitMs || LEFT_ALONE_MS)
      }
      return { status, text: status === 200 ? text : hide(text) }
    } catch (error) {
      signal.throwIfAborted()
      return { status: 0, text: '', error }
    }
  }

  return async (request, signal) => {
    if (source.key && key === undefined) {
      throw new AccessDeniedError(name, `it asks for a key, set ${source.key.variable}`)
    }
    for (let tried = 1; ; tried++) {
      const answer = await attempt(request, signal)
      const read = readAnswer(answer, request)
      if (read.state === 'records') return read.records
      if (read.state === 'nothing') return 'nothing'
      if (read.state === 'denied') throw new AccessDeniedError(name, read.reason)
      if (read.state === 'refused') throw new BadSourceError(name, read.reason)
      if (tried === MOST_TRIED) {
        const message = `${name} does not answer with records: ${read.reason}`
        throw new SourceUnavailableError(message, { cause: answer.error })
      }
      await pause(200 * 2 ** tried * (0.5 + Math.random() / 2), undefined, { signal })
    }
  }
}

const MOST_TRIED = 3

/** How long a venue is left alone that says "too many" without saying until when, in milliseconds. */
const LEFT_ALONE_MS = 10_000

interface Attempt {
  /** 0: there was no answer. */
  readonly status: number
  readonly text: string
  readonly error?: unknown
}

type Reading =
  | { readonly state: 'records'; readonly records: readonly unknown[] }
  | { readonly state: 'nothing' }
  | { readonly state: 'passing' | 'denied' | 'refused'; readonly reason: string }

function readAnswer(
  { status, text, error }: Attempt,
  { recordsOf = asList }: HistoryRequest,
): Reading {
  if (status === 0) return { state: 'passing', reason: reasonOf(error) }
  // Hyperliquid says so of a coin that it does not know, and is otherwise well.
  if (text.trim() === 'null' && (status === 200 || status === 500)) return { state: 'nothing' }
  const said = `${status} ${text.slice(0, 200)}`.trim()
  if ([401, 402, 403, 451].includes(status)) return { state: 'denied', reason: said }
  if (status === 429 || status === 408 || status >= 500) return { state: 'passing', reason: said }
  if (status !== 200) return { state: 'refused', reason: said }
  const records = recordsOf(parse(text))
  return records
    ? { state: 'records', records }
    : { state: 'passing', reason: `no list of records but ${JSON.stringify(text.slice(0, 100))}` }
}

function asList(answer: unknown): readonly unknown[] | undefined {
  return Array.isArray(answer) ? answer : undefined
}

/** Undefined for what is no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function reasonOf(error: unknown): string {
  const cause =
    error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ''
  return `${error instanceof Error ? error.message : String(error)}${cause}`
}

/** More than this is no answer to one request, in bytes. */
const MOST_BYTES = 64 * 1024 * 1024

async function post(
  { baseUrl }: Pick<RestSource, 'baseUrl'>,
  { path, body }: HistoryRequest,
  keys: Readonly<Record<string, string>>,
  { answerMs, stallMs }: Timeouts,
  signal: AbortSignal,
): Promise<{
  readonly status: number
  readonly text: string
  readonly waitMs: number | undefined
}> {
  const late = new AbortController()
  const limit = (ms: number) => setTimeout(() => late.abort(new Error(`silent for ${ms} ms`)), ms)
  let timer = limit(answerMs)
  try {
    const answer = await fetch(new URL(path, baseUrl), {
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
      headers: {
        ...(body && { 'content-type': 'application/json' }),
        ...keys,
        accept: 'application/json',
        'user-agent': 'backtide',
      },
      redirect: 'error',
      signal: AbortSignal.any([signal, late.signal]),
    })
    const pieces: Uint8Array[] = []
    let bytes = 0
    for await (const piece of answer.body ?? []) {
      clearTimeout(timer)
      timer = limit(stallMs)
      bytes += piece.length
      if (bytes > MOST_BYTES) throw new Error(`more than ${MOST_BYTES} bytes of answer`)
      pieces.push(piece)
    }
    return {
      status: answer.status,
      text: Buffer.concat(pieces).toString('utf8'),
      waitMs: retryAfterMs(answer.headers.get('retry-after'), Date.now()),
    }
  } finally {
    clearTimeout(timer)
  }
}
