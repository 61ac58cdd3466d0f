import { createTransport, SenderOptions, type SenderTransport } from '@questdb/nodejs-client'
import { createCommitOrder, type CommitOrder } from './commit-order.ts'
import { readQuestDbConf, type QuestDbAddress } from './conf.ts'
import { StoreRefusedError, StoreUnavailableError } from './errors.ts'
import { queryError } from './query-error.ts'
import type { Statement } from './sql.ts'

/** One connection to QuestDB: statements out of `sql`, bytes in ILP. */
export interface QuestDb {
  /** Rows of a query, each an array in the order of its columns. Long integers come as numbers. */
  query(statement: Statement, signal?: AbortSignal): Promise<readonly Row[]>
  /**
   * Sends ILP rows of one table as one transaction and resolves when they are in the WAL, which is
   * not yet in the table: see `waitApplied`. The bytes may be reused afterwards. With `after` they
   * are not committed before it has resolved, and not at all when it fails.
   */
  send(bytes: Buffer, after?: Promise<void>): Promise<void>
}

export type Row = readonly (string | number | boolean | null)[]

/**
 * Opens a connection lazily: nothing is asked of QuestDB until the first call.
 * @throws TypeError for a configuration string it cannot read
 */
export function createQuestDb(conf: string): QuestDb {
  const address = readQuestDbConf(conf)
  const order = createCommitOrder(address.url.startsWith('https:') ? 'https' : 'http')
  let transport: Promise<SenderTransport> | undefined
  return {
    query: async (statement, signal) => await query(address, statement, signal),
    send: async (bytes, after) => {
      transport ??= openTransport(address, order)
      const open = await transport
      await send(address, bytes, () => order.following(after, () => open.send(bytes)))
    },
  }
}

async function openTransport(
  { clientConf }: QuestDbAddress,
  { agent }: CommitOrder,
): Promise<SenderTransport> {
  return createTransport(await SenderOptions.fromConfig(clientConf, { agent, log: () => {} }))
}

async function send(
  address: QuestDbAddress,
  bytes: Buffer,
  transport: () => Promise<unknown>,
): Promise<void> {
  try {
    await transport()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    // https://questdb.com/docs/reference/api/ilp/overview/#http-error-codes: 4xx is about the request.
    if (/statusCode=4/.test(message)) return await sendForReason(address, bytes)
    throw new StoreUnavailableError(`QuestDB did not take rows: ${message}`, { cause: error })
  }
}

/** The transport drops the text of a refusal, which names the line and the column: ask once more. */
async function sendForReason(address: QuestDbAddress, bytes: Buffer): Promise<void> {
  const { url, headers } = address
  const answer = await fetch(`${url}/write?precision=n`, {
    method: 'POST',
    headers,
    body: new Uint8Array(bytes),
    signal: AbortSignal.timeout(QUERY_TIMEOUT_MS),
  })
  if (answer.ok) return
  const reason = (await answer.text()).slice(0, 500)
  throw new StoreRefusedError(`QuestDB refused rows (${answer.status}): ${reason}`, 'ILP')
}

async function query(
  address: QuestDbAddress,
  statement: Statement,
  signal?: AbortSignal,
): Promise<readonly Row[]> {
  const answer = await ask(address, statement, signal)
  if (answer.error !== undefined) throw queryError(answer.error, statement.text)
  return answer.dataset ?? []
}

async function ask(
  address: QuestDbAddress,
  statement: Statement,
  signal?: AbortSignal,
): Promise<ExecAnswer> {
  const url = `${address.url}/exec?query=${encodeURIComponent(statement.text)}`
  try {
    const deadline = AbortSignal.timeout(QUERY_TIMEOUT_MS)
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
