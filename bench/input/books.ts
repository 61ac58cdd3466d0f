import { HOUR_MS } from '@backtide/core/range'
import { writeSteps } from '@backtide/stack/sample/book-line'
import { sampleMarket, type Market } from '@backtide/stack/sample/market'
import { noise } from './noise.ts'

/** Books of one coin and hour. */
export interface BooksOptions {
  readonly coin: string
  /** Start of the hour, UTC milliseconds. */
  readonly start: number
  /** At most 1,800,000: no two books have the same millisecond. */
  readonly books: number
  readonly seed: number
}

/**
 * Lines of the archive for an hour, wire-exact, 1,000 in each piece: 20 levels a side, about 1,670
 * bytes a BTC book. Recorded inside the hour and stamped 350 ms before, as the recorder cuts hours
 * by its own clock. Made of texts that are rendered once: 241 MB in a few seconds.
 */
export function* writeBooks({ coin, start, books, seed }: BooksOptions): Generator<Buffer> {
  const writer = createBookWriter(coin, seed ^ Math.floor(start / HOUR_MS))
  const spacing = HOUR_MS / books
  for (let first = 0; first < books; first += PIECE) {
    let text = ''
    for (let index = first; index < Math.min(first + PIECE, books); index++) {
      const jitter = noise(seed, index, 1) % Math.max(1, Math.floor(spacing) - 1)
      text += writer(index, start + Math.floor(index * spacing) + jitter)
    }
    yield Buffer.from(text, 'latin1')
  }
}

/** Writes the line of a book, by its index and the recorder's time in UTC milliseconds. */
function createBookWriter(coin: string, seed: number): (index: number, received: number) => string {
  const market = sampleMarket(coin)
  const texts = createTexts(market, seed)
  let mid = Math.round(market.price * 10 ** market.priceDecimals)
  return (index, received) => {
    mid = Math.max(1000, mid + (noise(seed, index, 2) % 7) - 3)
    const bids = writeSide(texts, mid, -1, index, seed)
    const asks = writeSide(texts, mid + 1, 1, index, seed)
    const second = new Date(received).toISOString().slice(0, 19)
    const nanos = (received % 1000) * 1_000_000 + (noise(seed, index, 3) % 1_000_000)
    return (
      `{"time":"${second}.${String(nanos).padStart(9, '0')}","ver_num":1,` +
      `"raw":{"channel":"l2Book","data":{"coin":"${coin}","time":${received - LATENCY_MS},` +
      `"levels":[[${bids}],[${asks}]]}}}\n`
    )
  }
}

/** 20 levels around a price; about half of their sizes change from one book to the next. */
function writeSide(texts: Texts, best: number, step: number, index: number, seed: number): string {
  let text = ''
  let price = best
  for (let level = 0; level < DEPTH; level++) {
    const age = (index + (price & 1)) >> 1
    const size = texts.sizes[noise(seed, price, age) % SIZES] ?? ''
    text += (level === 0 ? '' : ',') + texts.price(price) + size
    price += step * (1 + (noise(seed, price, 4) & 1))
  }
  return text
}

interface Texts {
  /** `{"px":"93620.0","sz":"` for a price in steps. */
  readonly price: (steps: number) => string
  /** `0.12045","n":2}`, some of them. */
  readonly sizes: readonly string[]
}

function createTexts(market: Market, seed: number): Texts {
  const prices = new Map<number, string>()
  const sizes = Array.from({ length: SIZES }, (_, index) => {
    const part = noise(seed, index, 5) / 2 ** 32
    const size = market.typicalSize * 6 * part ** 3 * 10 ** market.sizeDecimals
    const text = writeSteps(Math.max(1, Math.round(size)), market.sizeDecimals)
    return `${text}","n":${1 + (noise(seed, index, 6) % 9)}}`
  })
  const price = (steps: number) => {
    const known = prices.get(steps)
    if (known !== undefined) return known
    const text = `{"px":"${writeSteps(steps, market.priceDecimals)}","sz":"`
    prices.set(steps, text)
    return text
  }
  return { price, sizes }
}

const PIECE = 1000
const DEPTH = 20
const SIZES = 8192
const LATENCY_MS = 350
