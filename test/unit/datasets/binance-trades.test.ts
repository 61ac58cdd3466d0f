import { binanceTrades } from '@backtide/datasets/binance/trades'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeObject, type DecodeOptions } from '../../contract/decode.ts'
import { expectSameEitherWay } from '../../contract/either-way.ts'
import { FUZZ_RUNS, mutationsOf } from '../../contract/mutations.ts'
import { writeZip } from '../../contract/zip-writer.ts'
import { disordered, LIMITS, textOf } from './generated/object-text.ts'
import { ANY_TRADE_LINE, PLAIN_TRADE_LINE, TRADE_DAY } from './generated/trade-line.ts'

const DAY_MS = 86_400_000
const NEW = { symbol: 'BTCUSDT', from: TRADE_DAY, to: TRADE_DAY + DAY_MS }
const OLD = { symbol: 'BTCUSDT', from: TRADE_DAY - DAY_MS, to: TRADE_DAY }

function decodeText(text: string, object = NEW, options?: DecodeOptions) {
  return decodeObject(binanceTrades, object, writeZip([Buffer.from(text)]), options)
}

function decode(lines: readonly string[], object = NEW) {
  return decodeText(lines.map((line) => `${line}\n`).join(''), object)
}

function trade(id: number, time: number, rest = 'True,True'): string {
  return `${id},93619.01000000,0.00100000,93.61901000,${time},${rest}`
}

describe('the files of binance.trades', () => {
  it('are one a day and symbol', () => {
    expect(binanceTrades.source.objects(Date.UTC(2017, 7, 17), 'BTCUSDT')).toEqual([
      'spot/daily/trades/BTCUSDT/BTCUSDT-trades-2017-08-17.zip',
    ])
  })
})

describe('a time', () => {
  const micros = TRADE_DAY * 1000

  it('is in microseconds since 2025, and in milliseconds before', () => {
    expect(decode([trade(1, micros)], NEW).rows[0]?.ts).toBe(micros)
    expect(decode([trade(1, TRADE_DAY - 1)], OLD).rows[0]?.ts).toBe(micros - 1000)
  })

  it('in the other unit is rejected, never 1970 and never the year 57000', () => {
    for (const [time, object] of [
      [TRADE_DAY, NEW],
      [micros - 1, OLD],
    ] as const) {
      const { rows, tally } = decode([trade(1, time)], object)
      expect(rows).toEqual([])
      expect(tally.rejected).toEqual({ outside_partition: 1 })
    }
  })

  it('outside of the day is rejected, to the microsecond', () => {
    const end = micros + DAY_MS * 1000
    const { rows, tally } = decode([micros - 1, micros, end - 1, end].map((ts) => trade(1, ts)))
    expect(rows.map(({ ts }) => ts)).toEqual([micros, end - 1])
    expect(tally.rejected).toEqual({ outside_partition: 2 })
  })
})

describe('the side', () => {
  it.each(['True', 'true'])('is the taker’s: where the buyer is maker (%s) it sold', (maker) => {
    expect(decode([trade(1, TRADE_DAY * 1000, `${maker},True`)]).rows[0]?.values.side).toBe('sell')
  })

  it.each(['False', 'false'])('is buy where the buyer is none (%s)', (maker) => {
    expect(decode([trade(1, TRADE_DAY * 1000, `${maker},True`)]).rows[0]?.values.side).toBe('buy')
  })
})

describe('a header', () => {
  const row = trade(1, TRADE_DAY * 1000)

  it.each([
    'id,price,qty,quote_qty,time,is_buyer_maker,is_best_match',
    'id,price,qty,quoteQty,time,isBuyerMaker,isBestMatch',
  ])('may be there: %s', (header) => {
    const { rows, tally } = decode([header, row, header])
    expect(rows.map(({ values }) => values.trade_id)).toEqual(['1'])
    expect(tally).toMatchObject({ rejected: {}, warnings: { repeated_header: 1 } })
  })

  it('that is not known is refused, naming the difference', () => {
    const { rows, tally } = decode(['id,price,qty,time,is_buyer_maker', row])
    expect(rows).toEqual([])
    expect(tally.refused).toContain('missing "quote_qty", "is_best_match"')
  })
})

it('keeps the later of two trades of one id and time', () => {
  const line = trade(7, TRADE_DAY * 1000)
  const { rows, tally } = decode([line, line.replace('0.001', '0.002')])
  expect(rows.map(({ values }) => values.size)).toEqual([0.002])
  expect(tally).toMatchObject({ distinctRows: 1, supersededRows: 1 })
})

it('tallies another check when two trades swap their ids', () => {
  const [a, b] = [TRADE_DAY * 1000, TRADE_DAY * 1000 + 1]
  expect(decode([trade(1, a), trade(2, b)]).tally.check).not.toBe(
    decode([trade(2, a), trade(1, b)]).tally.check,
  )
})

describe('a line without its line end', () => {
  const whole = `${trade(1, TRADE_DAY * 1000)}\n${trade(2, TRADE_DAY * 1000)}`

  it.each([0, 1, 4, 5, 9])('is cut off, whatever is left of it (%i less)', (cut) => {
    for (const scan of [true, false]) {
      const { rows, tally } = decodeText(whole.slice(0, whole.length - cut), NEW, { scan })
      expect(rows.map(({ values }) => values.trade_id)).toEqual(['1'])
      expect(tally).toMatchObject({ lines: 2, rejected: { cut_off: 1 } })
    }
  })
})

describe('lines of any kind', () => {
  it('give the same rows, rejections and warnings whether they are scanned or parsed', () => {
    const lines = fc.array(ANY_TRADE_LINE, { maxLength: 30 }).chain(disordered)
    fc.assert(
      fc.property(textOf(lines), LIMITS, (text, limits) => {
        expectSameEitherWay(binanceTrades, NEW, writeZip([text]), limits)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('give the same whatever happened to their bytes', () => {
    const lines = fc.array(PLAIN_TRADE_LINE, { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(
        lines.chain((all) => mutationsOf(Buffer.from(`${all.join('\n')}\n`))),
        (text) => void expectSameEitherWay(binanceTrades, NEW, writeZip([text])),
      ),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('are all scanned where they are as the venue writes them, however they arrive', () => {
    fc.assert(
      fc.property(fc.array(PLAIN_TRADE_LINE, { maxLength: 20 }), LIMITS, (lines, limits) => {
        const input = writeZip([Buffer.from(lines.map((line) => `${line}\n`).join(''))])
        const { tally } = decodeObject(binanceTrades, NEW, input, limits)
        expect(tally).toMatchObject({ lines: lines.length, fallbacks: 0, rejected: {} })
      }),
      { numRuns: 50 },
    )
  })
})
