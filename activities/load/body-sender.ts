/** Where bodies go: `QuestDb.send`. */
export type Send = (body: Buffer) => Promise<void>

/** Collects rows into bodies and sends them one after the other. */
export interface BodySender {
  /**
   * Appends records of equal or later timestamps. While a body is on its way the next one fills;
   * waits when both are full. @throws what sending threw
   */
  append(bytes: Uint8Array, from: number, to: number, ts: number): Promise<void>
  /** Sends what is left and waits until all is taken. */
  flush(): Promise<void>
}

/**
 * Bodies are cut only where the timestamp changes: two transactions of a deduplicated table that
 * share one timestamp cost a rewrite each (docs/performance.md).
 */
export function createBodySender(send: Send, { bodyBytes }: { bodyBytes: number }): BodySender {
  const spare: Buffer[] = []
  let body: Buffer = Buffer.allocUnsafe(bodyBytes)
  let filled = 0
  let lastTs = Number.NEGATIVE_INFINITY
  let sending: Promise<void> = Promise.resolve()

  async function ship(): Promise<void> {
    await sending
    if (filled === 0) return
    const full = body
    sending = send(full.subarray(0, filled)).then(() => void spare.push(full))
    // The failure is thrown by whoever waits next; until then it must not count as unhandled.
    sending.catch(() => {})
    body = spare.pop() ?? Buffer.allocUnsafe(bodyBytes)
    filled = 0
  }

  function room(bytes: number): void {
    if (filled + bytes <= body.length) return
    const larger = Buffer.allocUnsafe(Math.max(body.length * 2, filled + bytes))
    body.copy(larger, 0, 0, filled)
    body = larger
  }

  return {
    append: async (bytes, from, to, ts) => {
      if (ts !== lastTs && filled + to - from > bodyBytes) await ship()
      room(to - from)
      body.set(bytes.subarray(from, to), filled)
      filled += to - from
      lastTs = ts
    },
    flush: async () => {
      await ship()
      await sending
    },
  }
}
