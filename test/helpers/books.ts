import { compressFrameSync } from 'lz4-napi'

/** One book as the venue would send it; the rows it must give are known without any decoder. */
export interface Book {
  readonly coin: string
  /** Exchange time, UTC milliseconds. */
  readonly time: number
  /** Recorder time, UTC nanoseconds. */
  readonly recv: bigint
  readonly bids: readonly Level[]
  readonly asks: readonly Level[]
}

export interface Level {
  readonly px: string
  readonly sz: string
  readonly n: number
}

export interface BooksOptions {
  readonly coin: string
  /** Start of the hour, UTC milliseconds. */
  readonly hour: number
  readonly count: number
  /** Other seeds give other prices at the same times. */
  readonly seed?: number
  readonly depth?: number
}

/** Books spread evenly over an hour, the first stamped in the hour before, as in the archive. */
export function books({ coin, hour, count, seed = 1, depth = 20 }: BooksOptions): Book[] {
  const random = mulberry32(seed + hour / 3_600_000 + coin.length * 7919 + coin.charCodeAt(0))
  const step = Math.floor(3_600_000 / count)
  let mid = coin.startsWith('k') ? 0.0213 : 1000 + coin.charCodeAt(0)
  return Array.from({ length: count }, (_, index) => {
    mid *= 1 + (random() - 0.5) * 1e-4
    const recvMs = hour + index * step
    const recv = BigInt(recvMs) * 1_000_000n + BigInt(Math.floor(random() * 1_000_000))
    const side = (sign: number) =>
      Array.from({ length: depth }, (__, level) => ({
        px: (mid * (1 + sign * (level + 1) * 2e-4)).toPrecision(5),
        sz: (random() * 50).toFixed(4),
        n: 1 + Math.floor(random() * 9),
      }))
    return { coin, time: recvMs - 350, recv, bids: side(-1), asks: side(1) }
  })
}

/** The line of the archive that holds a book (research: formats, 1.1). */
export function bookLine({ coin, time, recv, bids, asks }: Book): string {
  const seconds = new Date(Number(recv / 1_000_000n)).toISOString().slice(0, 19)
  const nanos = String(recv % 1_000_000_000n).padStart(9, '0')
  return JSON.stringify({
    time: `${seconds}.${nanos}`,
    ver_num: 1,
    raw: { channel: 'l2Book', data: { coin, time, levels: [bids, asks] } },
  })
}

/** An object of the archive: lines in one LZ4 frame. */
export function bookObject(all: readonly Book[]): Buffer {
  return compressFrameSync(Buffer.from(all.map((book) => `${bookLine(book)}\n`).join('')))
}

/** A small seeded generator: https://github.com/cprosche/mulberry32 */
function mulberry32(seed: number): () => number {
  let state = Math.floor(seed * 2_654_435_761) | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
