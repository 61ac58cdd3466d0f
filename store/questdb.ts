import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { readQuestDbConf, type QuestDbAddress } from './conf.ts'
import { StoreRefusedError, StoreUnavailableError } from './errors.ts'
import { behind, type Fence } from './fence.ts'
import { openRowWrite, type RowWrite } from './row-write.ts'
import { queryError } from './query-error.ts'
import type { Statement } from './sql.ts'

/** One connection to QuestDB: statements out of `sql`, bytes in ILP. */
export interface QuestDb {
  /** Rows of a query, each an array in the order of its columns. Long integers come as numbers. */
  query(statement: Statement, signal?: AbortSignal): Promise<readonly Row[]>
  /** Runs a statement that changes something, sent behind the fence. */
  execute(statement: Statement, fence: Fence, signal?: AbortSignal): Promise<void>
  /** Opens a transaction of ILP rows of one table. */
  openWrite(): RowWrite
  /**
   * Sends ILP rows of one table as one transaction and resolves when they are in the WAL, which is
   * not yet in the table: see `waitApplied`.
   */
  send(bytes: Uint8Array, fence?: Fence): Promise<void>
}

export type Row = readonly (string | number | boolean | null)[]

/** How a connection asks. */
export interface QuestDbOptions {
  /** Longest one statement may take, milliseconds. */
  readonly timeoutMs?: number
}

/**
 * Opens a connection lazily: nothing is asked of QuestDB until the first call.
 * @throws TypeError for a configuration string it cannot read
 */
export function createQuestDb(
  conf: string,
  { timeoutMs = QUERY_TIMEOUT_MS }: QuestDbOptions = {},
): QuestDb {
  const address: Target = { ...readQuestDbConf(conf), timeoutMs }
  const secure = address.url.startsWith('https:')
  const agent = secure ? new HttpsAgent(KEPT) : new HttpAgent(KEPT)
  const openWrite = () => openRowWrite(address, agent)
  return {
    query: (statement, signal) => query(address, statement, signal),
    execute: async (statement, fence, signal) => {
      const answer = await askBehind(address, agent, { statement, fence, signal })
      if (answer.error !== undefined) throw queryError(answer.error, statement.text)
    },
    openWrite,
    send: async (bytes, fence) => {
      const rows = openWrite()
      try {
        await rows.write(bytes)
        await rows.commit(fence)
      } finally {
        rows.abort()
      }
    },
  }
}

/** As a browser would: connections are kept, and there are as many as loads need. */
const KEPT = { maxSockets: 256, keepAlive: true, timeout: 60_000 }

interface Target extends QuestDbAddress {
  readonly timeoutMs: number
}

interface Asked {
  readonly statement: Statement
  readonly fence: Fence
  readonly signal: AbortSignal | undefined
}

/** Sends a statement only once there is a connection: so it leaves the moment the fence is open. */
async function askBehind(
  { url, headers, timeoutMs }: Target,
  agent: HttpAgent | HttpsAgent,
  { statement, fence, signal }: Asked,
): Promise<ExecAnswer> {
  const send = url.startsWith('https:') ? httpsRequest : httpRequest
  const target = `${url}/exec?query=${encodeURIComponent(statement.text)}`
  const deadline = AbortSignal.timeout(timeoutMs)
  const request = send(target, {
    headers,
    agent,
    signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
  })
  const answer = once(request, 'response')
  answer.catch(() => {})
  request.on('error', () => {})
  const away = (cause: unknown): never => {
    signal?.throwIfAborted()
    throw new StoreUnavailableError(`QuestDB does not answer at ${url}`, { cause })
  }
  try {
    await connected(request).catch(away)
    await behind(fence, () => request.end())
    return await answer.then(readJson).catch(away)
  } finally {
    request.destroy()
  }
}

async function readJson([response]: unknown[]): Promise<ExecAnswer> {
  const parts: Buffer[] = []
  for await (const part of response as AsyncIterable<Buffer>) parts.push(part)
  return JSON.parse(Buffer.concat(parts).toString()) as ExecAnswer
}

async function connected(request: ReturnType<typeof httpRequest>): Promise<void> {
  const [socket] = (await once(request, 'socket')) as [Socket]
  if (socket.connecting) await once(socket, 'connect')
}

async function query(
  address: Target,
  statement: Statement,
  signal?: AbortSignal,
): Promise<readonly Row[]> {
  const answer = await ask(address, statement, signal)
  if (answer.error !== undefined) throw queryError(answer.error, statement.text)
  return answer.dataset ?? []
}

async function ask(
  address: Target,
  statement: Statement,
  signal?: AbortSignal,
): Promise<ExecAnswer> {
  const url = `${address.url}/exec?query=${encodeURIComponent(statement.text)}`
  try {
    const deadline = AbortSignal.timeout(address.timeoutMs)
    const response = await fetch(url, {
      headers: address.headers,
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    })
    if (response.status === 401 || response.status === 403) {
      throw new StoreRefusedError(`QuestDB refused the credentials (${response.status})`, 'login')
    }
    return (await response.json()) as ExecAnswer
  } catch (error) {
    if (error instanceof StoreRefusedError) throw error
    signal?.throwIfAborted()
    throw new StoreUnavailableError(`QuestDB does not answer at ${address.url}`, { cause: error })
  }
}

/** A query outlives this only when the server hangs; its own `query.timeout` is shorter. */
const QUERY_TIMEOUT_MS = 330_000

interface ExecAnswer {
  readonly dataset?: readonly Row[]
  readonly error?: string
}
