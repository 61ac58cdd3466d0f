import { Book as HeldBook, type Side as HeldSide } from '@backtide/datasets/hyperliquid/book'
import type { Book, Side } from './book-line.ts'

/** A book as a reader holds it. */
export function holdBook({ ts, received, bids, asks }: Omit<Book, 'warnings'>): HeldBook {
  const held = new HeldBook()
  held.ts = ts
  held.receivedMicros = received.micros
  held.receivedNanos = received.nanos
  fill(held.bids, bids)
  fill(held.asks, asks)
  return held
}

function fill(held: HeldSide, { prices, sizes, counts }: Side): void {
  for (const [at, price] of prices.entries()) held.add(price, sizes[at] ?? 0, counts[at] ?? 0)
}

/** A copy of what a reader holds. */
export function copyBook(held: HeldBook): Omit<Book, 'warnings'> {
  return {
    ts: held.ts,
    received: { micros: held.receivedMicros, nanos: held.receivedNanos },
    bids: copySide(held.bids),
    asks: copySide(held.asks),
  }
}

function copySide({ prices, sizes, counts, depth }: HeldSide): Side {
  const [ofPrices, ofSizes, ofCounts] = [prices, sizes, counts].map((values) => {
    return [...values.subarray(0, depth)]
  })
  return { prices: ofPrices ?? [], sizes: ofSizes ?? [], counts: ofCounts ?? [] }
}
