import type { RecordChunk } from '@backtide/datasets/decode/decoded-object'
import { copyBytes } from '@backtide/datasets/values/copy-bytes'
import type { Fence } from '@backtide/store/fence'
import type { RowWrite } from '@backtide/store/row-write'

/** Collects records into bodies and sends them in order. */
export interface BodySender {
  /** Bytes handed over by `ship` so far. */
  readonly bytes: number
  /**
   * Copies records `from` to `to` (excluded) of a chunk into the body, as far as there is room.
   * Returns the first record that was not taken; `ship` then makes room. Synchronous, as it is
   * called for every record of every object.
   */
  fill(chunk: RecordChunk, from: number, to: number): number
  /**
   * Sends the body, and gives an empty one while it is on its way. Waits while two others are.
   * @throws what sending threw
   */
  ship(): Promise<void>
  /** Sends what is left and waits until all is committed. */
  flush(): Promise<void>
  /** Cuts off what is not committed. */
  close(): void
}

export interface BodySenderOptions {
  /** Opens a transaction: `QuestDb.openWrite`. */
  readonly open: () => RowWrite
  /** Every transaction is committed behind it. */
  readonly fence: Fence
  readonly bodyBytes: number
  /** A transaction is committed once it has so many bytes: 0 makes each body one. */
  readonly commitBytes: number
}

/**
 * Two bodies are on their way at once. Where each is a transaction, one is still being committed
 * while QuestDB reads the rows of the next, which is committed after it. Bodies are cut only where the
 * timestamp changes: two transactions of a deduplicated table that share one timestamp cost a rewrite
 * each (docs/performance.md).
 */
export function createBodySender(options: BodySenderOptions): BodySender {
  const { bodyBytes } = options
  // The last timestamp may reach beyond, with the rows of many symbols.
  const capacity = Math.ceil(bodyBytes * 1.125)
  const transactions = createTransactions(options)
  const spare: Buffer[] = []
  let body: Buffer = Buffer.allocUnsafe(capacity)
  let filled = 0
  let bytesShipped = 0
  let lastTs = Number.NaN

  function copy(bytes: Uint8Array): void {
    if (filled + bytes.length > body.length) {
      const larger = Buffer.allocUnsafe(Math.max(body.length * 2, filled + bytes.length))
      body.copy(larger, 0, 0, filled)
      body = larger
    }
    copyBytes(bytes, body, filled)
    filled += bytes.length
  }

  async function ship(): Promise<void> {
    await transactions.hasRoom()
    if (filled === 0) return
    const full = body
    transactions.send(full.subarray(0, filled), () => void spare.push(full))
    body = spare.pop() ?? Buffer.allocUnsafe(capacity)
    bytesShipped += filled
    filled = 0
  }

  return {
    get bytes() {
      return bytesShipped
    },
    fill: ({ bytes, ts, ends }, from, to) => {
      const start = from === 0 ? 0 : (ends[from - 1] ?? 0)
      const room = start + bodyBytes - filled
      let index = from
      for (; index < to; index++) {
        const isFirst = filled === 0 && index === from
        if ((ends[index] ?? 0) > room && ts[index] !== lastTs && !isFirst) break
        lastTs = ts[index] ?? lastTs
      }
      if (index > from) copy(bytes.subarray(start, ends[index - 1]))
      return index
    },
    ship,
    flush: async () => {
      await ship()
      await transactions.end()
    },
    close: transactions.close,
  }
}

/** Bodies on their way, in transactions that are committed in order. */
interface Transactions {
  /** Resolves when fewer than two bodies are on their way. @throws what sending one threw */
  hasRoom(): Promise<void>
  /** Sends a body; `left` is told when its bytes have left the process. */
  send(body: Uint8Array, left: () => void): void
  /** Commits what is open, and waits for all. */
  end(): Promise<void>
  close(): void
}

function createTransactions({ open, fence, commitBytes }: BodySenderOptions): Transactions {
  const live = new Set<RowWrite>()
  let current: { readonly rows: RowWrite; bytes: number; written: Promise<void> } | undefined
  let committed: Promise<void> = Promise.resolve()
  /** The last body and the one before it. */
  let sending: Promise<void> = Promise.resolve()
  let sent: Promise<void> = Promise.resolve()
  let failure: { readonly reason: unknown } | undefined
  /** It is thrown by whoever waits next; until then it must not count as unhandled. */
  const remember = (reason: unknown) => void (failure ??= { reason })

  function commit(): Promise<void> {
    if (!current) return committed
    const { rows, written } = current
    const before = committed
    committed = Promise.all([written, before]).then(async () => {
      await rows.commit(fence)
      live.delete(rows)
    })
    committed.catch(remember)
    current = undefined
    return committed
  }

  return {
    hasRoom: async () => {
      await sent
      if (failure) throw failure.reason
    },
    send: (body, left) => {
      current ??= { rows: open(), bytes: 0, written: Promise.resolve() }
      const { rows } = current
      live.add(rows)
      current.written = current.written.then(async () => {
        await rows.write(body)
        left()
      })
      current.written.catch(remember)
      current.bytes += body.length
      sent = sending
      sending = current.bytes >= commitBytes ? commit() : current.written
    },
    end: async () => {
      await sending
      await commit()
    },
    close: () => {
      for (const rows of live) rows.abort()
    },
  }
}
