import { HOUR_MS } from '@backtide/core/range'
import { bookLine, books, type Book } from '../../helpers/books.ts'
import type { Random } from '../random.ts'

/** Which hour of which coin. */
export interface Place {
  readonly coin: string
  /** Start of the hour, UTC milliseconds. */
  readonly hour: number
}

/** Lines of an object as the recorder could have left them, now and then odd. */
export function linesOf(place: Place, random: Random): string[] {
  const count = random.between(20, 200)
  const depth = random.between(2, 12)
  const all = books({ ...place, count, depth, seed: random.between(1, 1_000_000) })
  const odd = ODDITIES.flatMap((oddity) => (random.chance(0.3) ? oddity(all, place, random) : []))
  const lines = [...all, ...odd]
    .toSorted((a, b) => Number(a.recv - b.recv))
    .map((book) => bookLine(book))
  if (random.chance(0.2)) swapNeighbours(lines, random)
  return lines
}

/** Puts lines into an object that no reader may take: not whole, another coin's, negative, misplaced. */
export function spoil(lines: readonly string[], { coin, hour }: Place, random: Random): string[] {
  const [one] = books({ coin, hour: hour + HOUR_MS / 2, count: 1, depth: 3 })
  if (!one) return [...lines]
  const bad = [
    bookLine(one).slice(0, -7),
    bookLine({ ...one, coin: `${coin}X` }),
    bookLine({ ...one, bids: [{ px: '-1.5', sz: '1', n: 1 }] }),
    bookLine({ ...one, recv: BigInt(hour + HOUR_MS + 600_000) * MILLISECOND }),
  ]
  const at = random.between(0, lines.length)
  return [...lines.slice(0, at), ...random.some(bad), ...lines.slice(at)]
}

type Oddity = (all: readonly Book[], place: Place, random: Random) => Book[]

const MILLISECOND = 1_000_000n

const ODDITIES: readonly Oddity[] = [
  lastOfSharedMillisecond,
  afterTheHour,
  twinAtStart,
  twinAtEnd,
  sameMillisecond,
  sameKey,
  emptyAlone,
  emptyLast,
  emptyAtStart,
  oneSided,
]

/** The next hour begins with a book of this exchange time, recorded later. */
function lastOfSharedMillisecond(all: readonly Book[], { hour }: Place): Book[] {
  const end = hour + HOUR_MS
  return copy(all[1], { time: end - 350, recv: BigInt(end - 100) * MILLISECOND })
}

/** Clocks differ: recorded, and stamped, just after the end. */
function afterTheHour(all: readonly Book[], { hour }: Place): Book[] {
  const end = hour + HOUR_MS
  return copy(all[2], { time: end + 1_000, recv: BigInt(end + 1_500) * MILLISECOND })
}

/** A book that this hour's object and the one before it may both hold, with the same key. */
function twinAtStart(all: readonly Book[], { hour }: Place, random: Random): Book[] {
  return copy(all[random.between(3, 5)], {
    time: hour - 200,
    recv: BigInt(hour) * MILLISECOND + 7n,
  })
}

function twinAtEnd(all: readonly Book[], { coin, hour }: Place, random: Random): Book[] {
  return twinAtStart(all, { coin, hour: hour + HOUR_MS }, random)
}

/** Of two books of a millisecond either may be recorded last. */
function sameMillisecond(all: readonly Book[], _place: Place, random: Random): Book[] {
  return random.some(all.slice(3, 9)).flatMap((book) => {
    const apart = random.chance(0.5) ? 5n : -5n
    return copy(all[0], { time: book.time, recv: book.recv + apart * MILLISECOND })
  })
}

/** Two lines with the same key and other values: the later line counts. */
function sameKey(all: readonly Book[]): Book[] {
  const [first, , , , , other] = all
  return other ? copy(first, { time: other.time, recv: other.recv }) : []
}

function emptyAlone(all: readonly Book[], { hour }: Place): Book[] {
  const recv = BigInt(hour + 1_234_567) * MILLISECOND
  return copy(all[0], { time: hour + 1_234_000, recv, bids: [], asks: [] })
}

function emptyLast(all: readonly Book[]): Book[] {
  const book = all[10]
  return copy(book, { recv: (book?.recv ?? 0n) + 9n * MILLISECOND, bids: [], asks: [] })
}

/** Takes the place of what the hour before may have at that millisecond. */
function emptyAtStart(all: readonly Book[], { hour }: Place): Book[] {
  const recv = BigInt(hour + 50) * MILLISECOND
  return copy(all[0], { time: hour - 350, recv, bids: [], asks: [] })
}

function oneSided(all: readonly Book[]): Book[] {
  const book = all[11]
  return copy(book, {
    time: (book?.time ?? 0) + 40,
    recv: (book?.recv ?? 0n) + 40n * MILLISECOND,
    asks: [],
  })
}

function copy(book: Book | undefined, changes: Partial<Book>): Book[] {
  return book ? [{ ...book, ...changes }] : []
}

function swapNeighbours(lines: string[], random: Random): void {
  for (let swaps = 0; swaps < 3; swaps++) {
    const at = random.between(0, lines.length - 2)
    const [first, second] = [lines[at], lines[at + 1]]
    if (first !== undefined && second !== undefined) lines.splice(at, 2, second, first)
  }
}
