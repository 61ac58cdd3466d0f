import { HOUR_MS } from '@backtide/core/range'
import { checkBook as checkHeldBook } from '@backtide/datasets/hyperliquid/l2-book-check'
import { describe, expect, it } from 'vitest'
import { readBookLine, type Book, type Side } from '../../contract/oracle/book-line.ts'
import { holdBook } from '../../contract/oracle/held-book.ts'
import { bookLine, books } from '../../helpers/books.ts'

const FROM = Date.UTC(2025, 0, 1)
const OBJECT = { symbol: 'BTC', from: FROM, to: FROM + HOUR_MS }

const BOOKS = books({ coin: 'BTC', hour: FROM, count: 400 }).map((book): Book => {
  const read = readBookLine(Buffer.from(bookLine(book)), OBJECT)
  if (typeof read === 'string') throw new Error(read)
  return read
})

function checkBook(book: Book): number {
  return checkHeldBook(holdBook(book))
}

function sumOf(all: readonly Book[]): number {
  return all.reduce((sum, book) => sum + checkBook(book), 0)
}

function withSide(book: Book, name: 'bids' | 'asks', change: (side: Side) => Side): Book {
  return { ...book, [name]: change(book[name]) }
}

/** A level and the one before it in each other's place. */
function swap(all: readonly number[], level: number): number[] {
  return all.with(level, all[level - 1] ?? 0).with(level - 1, all[level] ?? 0)
}

const LEVELS = Array.from({ length: 20 }, (_, level) => level)
const FIELDS = ['prices', 'sizes', 'counts'] as const

describe.each(['bids', 'asks'] as const)('the check of books, their %s', (name) => {
  it('sees any level that differs in all of them', () => {
    for (const level of LEVELS) {
      for (const field of FIELDS) {
        const changed = BOOKS.map((book) => {
          return withSide(book, name, (side) => ({
            ...side,
            [field]: side[field].map((value, at) => (at === level ? value + 1 : value)),
          }))
        })
        expect(sumOf(changed), `${field} of level ${level}`).not.toBe(sumOf(BOOKS))
      }
    }
  })

  it('looks at every level in its turn, the first always', () => {
    const seen = LEVELS.map((level) => {
      return BOOKS.filter((book) => {
        const changed = withSide(book, name, (side) => ({
          ...side,
          sizes: side.sizes.map((size, at) => (at === level ? size + 1 : size)),
        }))
        return checkBook(changed) !== checkBook(book)
      }).length
    })
    expect(seen[0]).toBe(BOOKS.length)
    // One in twenty: 20 of 400.
    for (const count of seen.slice(1)) expect(count).toBeGreaterThan(5)
  })

  it('sees two levels swapped in all of them', () => {
    for (const level of LEVELS.slice(1)) {
      const swapped = BOOKS.map((book) => {
        return withSide(book, name, ({ prices, sizes, counts }) => ({
          prices: swap(prices, level),
          sizes: swap(sizes, level),
          counts: swap(counts, level),
        }))
      })
      expect(sumOf(swapped), `levels ${level - 1} and ${level}`).not.toBe(sumOf(BOOKS))
    }
  })

  it('sees sides swapped between any two neighbouring books', () => {
    for (const [at, book] of BOOKS.entries()) {
      const next = BOOKS[(at + 1) % BOOKS.length] ?? book
      const swapped = [
        { ...book, [name]: next[name] },
        { ...next, [name]: book[name] },
      ]
      expect(sumOf(swapped)).not.toBe(sumOf([book, next]))
    }
  })

  it('sees a level that is missing or one too many', () => {
    for (const book of BOOKS.slice(0, 50)) {
      for (const depth of [0, 1, 19]) {
        const cut = withSide(book, name, ({ prices, sizes, counts }) => ({
          prices: prices.slice(0, depth),
          sizes: sizes.slice(0, depth),
          counts: counts.slice(0, depth),
        }))
        expect(checkBook(cut)).not.toBe(checkBook(book))
      }
    }
  })
})

it('sees bids and asks swapped', () => {
  for (const book of BOOKS) {
    expect(checkBook({ ...book, bids: book.asks, asks: book.bids })).not.toBe(checkBook(book))
  }
})
