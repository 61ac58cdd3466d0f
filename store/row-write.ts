import { once } from 'node:events'
import {
  request as httpRequest,
  type Agent,
  type ClientRequest,
  type IncomingMessage,
} from 'node:http'
import { request as httpsRequest } from 'node:https'
import { setImmediate } from 'node:timers/promises'
import type { QuestDbAddress } from './conf.ts'
import { StoreRefusedError, StoreUnavailableError, TableGoneError } from './errors.ts'
import type { Fence } from './fence.ts'
import { goneTable } from './query-error.ts'

/**
 * One `POST /write`: rows of one table, one transaction. QuestDB reads them as they come and commits
 * them when the request ends, which it does at `commit`; a request that is cut off leaves nothing.
 */
export interface RowWrite {
  /**
   * Resolves when the bytes have left the process: they may be reused.
   * @throws StoreRefusedError, StoreUnavailableError
   */
  write(bytes: Uint8Array): Promise<void>
  /**
   * Ends the request behind the fence and resolves when the rows are in the WAL.
   * @throws StoreRefusedError, StoreUnavailableError, what the fence throws
   */
  commit(fence?: Fence): Promise<void>
  /** Cuts the request off. Harmless when it is committed. */
  abort(): void
}

/** Opens a write. Nothing of it is ever tried again here. */
export function openRowWrite({ url, headers }: QuestDbAddress, agent: Agent): RowWrite {
  const send = url.startsWith('https:') ? httpsRequest : httpRequest
  const request = send(`${url}/write?precision=n`, { method: 'POST', headers, agent })
  // An answer may come before the end: a refusal of the rows so far.
  const answer = answered(request)
  answer.catch(() => {})
  // What breaks after an answer came is of no interest, and must not count as unhandled.
  request.on('error', () => {})

  async function write(bytes: Uint8Array): Promise<void> {
    for (let start = 0; start < bytes.length; start += SLICE_BYTES) {
      await inTime(request, gone(request, bytes.subarray(start, start + SLICE_BYTES), answer))
      await setImmediate()
    }
  }

  async function commit(fence?: Fence): Promise<void> {
    try {
      await Promise.race([end(request, fence), refused(answer)])
      await inTime(request, answer)
    } catch (error) {
      request.destroy()
      throw error
    }
  }

  return { write, commit, abort: () => request.destroy() }
}

/**
 * Ends a request in the very moment that the fence is looked at. All rows have left the process before;
 * if the end stayed behind, the process could be frozen with it and let go when somebody else writes. So
 * it goes right behind an empty line, which means nothing, and only when that has found room.
 */
async function end(request: ClientRequest, fence: Fence | undefined): Promise<void> {
  for (let isEnded = false; !isEnded;) {
    await fence?.wait()
    const left = new Promise<void>((resolve) => request.write(EMPTY_LINE, () => resolve()))
    // Node keeps small writes of one tick together.
    await new Promise<void>((resolve) => process.nextTick(resolve))
    if (hasLeft(request) && fence?.isOpen !== false) {
      request.end()
      isEnded = true
    } else {
      await inTime(request, left)
    }
  }
  if (hasLeft(request)) return
  request.destroy()
  throw new StoreUnavailableError('QuestDB does not read what is sent to it')
}

/** Whether the system has taken all that was written. */
function hasLeft({ socket }: ClientRequest): boolean {
  return (socket?.writableLength ?? 0) === 0
}

/** Hands over one slice: more at once would keep the event loop while the system copies it. */
async function gone(
  request: ClientRequest,
  slice: Uint8Array,
  answer: Promise<void>,
): Promise<void> {
  const written = new Promise<void>((resolve, reject) => {
    request.write(slice, (error) => (error ? reject(unavailable(error)) : resolve()))
  })
  written.catch(() => {})
  await Promise.race([written, refused(answer)])
}

/** Never resolves: only for what goes wrong before the end. */
async function refused(answer: Promise<void>): Promise<never> {
  await answer
  return await new Promise<never>(() => {})
}

/** @throws StoreUnavailableError when QuestDB is silent for too long; the request is cut off then */
async function inTime(request: ClientRequest, step: Promise<void>): Promise<void> {
  const timer = setTimeout(() => {
    request.destroy(new Error(`no sign of life for ${SILENCE_MS / 1000} s`))
  }, SILENCE_MS)
  try {
    await step
  } finally {
    clearTimeout(timer)
  }
}

async function answered(request: ClientRequest): Promise<void> {
  const [response] = (await once(request, 'response').catch((error: unknown) => {
    throw unavailable(error)
  })) as [IncomingMessage]
  const { statusCode = 0 } = response
  const text = await textOf(response)
  if (statusCode < 300) return
  const reason = `${statusCode}: ${text.slice(0, 500)}`
  const table = goneTable(text)
  if (table !== undefined) throw new TableGoneError(table)
  // https://questdb.com/docs/reference/api/ilp/overview/#http-error-codes
  if (statusCode >= 500 || PASSING.has(statusCode)) {
    throw new StoreUnavailableError(`QuestDB did not take rows (${reason})`)
  }
  throw new StoreRefusedError(`QuestDB refused rows (${reason})`, 'ILP')
}

async function textOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  try {
    for await (const part of response) parts.push(part as Buffer)
  } catch (error) {
    throw unavailable(error)
  }
  return Buffer.concat(parts).toString()
}

function unavailable(cause: unknown): StoreUnavailableError {
  if (cause instanceof StoreUnavailableError) return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new StoreUnavailableError(`QuestDB did not take rows: ${reason}`, { cause })
}

const SLICE_BYTES = 1024 * 1024
const EMPTY_LINE = '\n'

/** Longest that one slice, or the answer, may take. */
const SILENCE_MS = 60_000

/** Answers below 500 that pass by themselves. */
const PASSING = new Set([408, 429])
