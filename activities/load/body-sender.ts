import type { RecordChunk } from '@backtide/datasets/decoded-object'

/** Where bodies go: `QuestDb.send`. */
export type Send = (body: Buffer, after: Promise<void>) => Promise<void>

/** Collects records into bodies and sends them in order. */
export interface BodySender {
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
  /** Sends what is left and waits until all is taken. */
  flush(): Promise<void>
}

/**
 * Two bodies are on their way at once: one is still being read by QuestDB while the next one sets
 * out, and is committed after it. Bodies are cut only where the timestamp changes: two transactions of
 * a deduplicated table that share one timestamp cost a rewrite each (docs/performance.md).
 */
export function createBodySender(send: Send, { bodyBytes }: { bodyBytes: number }): BodySender {
  // The last timestamp may reach beyond, with the rows of many symbols.
  const capacity = Math.ceil(bodyBytes * 1.125)
  const spare: Buffer[] = []
  let body: Buffer = Buffer.allocUnsafe(capacity)
  let filled = 0
  let lastTs = Number.NaN
  /** The last body and the one before it. */
  let sending: Promise<void> = Promise.resolve()
  let sent: Promise<void> = Promise.resolve()
  let failure: { readonly reason: unknown } | undefined

  function copy(bytes: Uint8Array): void {
    if (filled + bytes.length > body.length) {
      const larger = Buffer.allocUnsafe(Math.max(body.length * 2, filled + bytes.length))
      body.copy(larger, 0, 0, filled)
      body = larger
    }
    body.set(bytes, filled)
    filled += bytes.length
  }

  async function ship(): Promise<void> {
    await sent
    if (failure) throw failure.reason
    if (filled === 0) return
    const full = body
    sent = sending
    sending = send(full.subarray(0, filled), sent).then(
      () => void spare.push(full),
      (reason: unknown) => {
        failure ??= { reason }
        throw reason
      },
    )
    // The failure is thrown by whoever waits next; until then it must not count as unhandled.
    sending.catch(() => {})
    body = spare.pop() ?? Buffer.allocUnsafe(capacity)
    filled = 0
  }

  return {
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
      await sent
      await sending
    },
  }
}
