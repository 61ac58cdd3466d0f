import { registry } from '@backtide/datasets/registry'
import { describe, expect, it } from 'vitest'
import { decodeObject, type DecodeOptions } from '../../contract/decode.ts'
import { writeFrame } from '../../contract/lz4-writer.ts'

const HEADER =
  'time,coin,funding,open_interest,prev_day_px,day_ntl_vlm,premium,oracle_px,mark_px,mid_px,impact_bid_px,impact_ask_px'
const DAY = { symbol: '*', from: Date.UTC(2025, 0, 1), to: Date.UTC(2025, 0, 2) }

const DATASET = registry.all.find(({ id }) => id === 'hyperliquid.asset_ctxs')

function decodeText(text: string, options?: DecodeOptions) {
  if (!DATASET) throw new Error('not registered')
  return decodeObject(DATASET, DAY, writeFrame(Buffer.from(text)), options)
}

function decode(...lines: string[]) {
  return decodeText(lines.map((line) => `${line}\n`).join(''))
}

function numbersOf(line: string): unknown {
  const [row] = decode(HEADER, `2025-01-01T00:00:00Z,BTC,${line}`).rows
  const { exchange: _exchange, market: _market, symbol: _symbol, ...numbers } = row?.values ?? {}
  return numbers
}

describe('a header', () => {
  it.each([
    [HEADER.replace(',premium', ''), 'missing "premium"'],
    [`${HEADER},liquidity`, 'new "liquidity"'],
    [HEADER.replace('mark_px', 'mark_price'), 'missing "mark_px", new "mark_price"'],
    [`${HEADER},coin`, 'repeated "coin"'],
    ['2025-01-01T00:00:00Z,BTC,1,1,1,1,1,1,1,1,1,1', 'missing "time"'],
  ])('that changed is refused, naming the difference', (header, difference) => {
    const { rows, tally } = decode(header, '2025-01-01T00:00:00Z,BTC,1,1,1,1,1,1,1,1,1,1')
    expect(rows).toEqual([])
    expect(tally.refused).toContain(difference)
  })

  it('alone is an object without rows', () => {
    expect(decode(HEADER).tally).toMatchObject({ rows: 0, distinctRows: 0, rejected: {} })
  })
})

describe('a row without its line end', () => {
  const whole = `${HEADER}\n2025-01-01T00:00:00Z,BTC,1,1,1,1,1,1,1,1,93619,93620`

  it.each([0, 1, 2, 4, 5, 6])('is cut off, whatever is left of its last cell (%i less)', (cut) => {
    for (const scan of [true, false]) {
      const { rows, tally } = decodeText(whole.slice(0, whole.length - cut), { scan })
      expect(rows).toEqual([])
      expect(tally).toMatchObject({ lines: 2, rejected: { cut_off: 1 } })
    }
  })
})

describe('a header again', () => {
  const row = '2025-01-01T00:00:00Z,BTC,1,1,1,1,1,1,1,1,1,1'

  it('is left out and warned of', () => {
    const { rows, tally } = decode(HEADER, row, HEADER, row.replace('00:00Z', '01:00Z'))
    expect(rows.length).toBe(2)
    expect(tally).toMatchObject({ warnings: { repeated_header: 1 }, rejected: {} })
  })

  it('may have a byte order mark of its own', () => {
    const { rows, tally } = decode(HEADER, row, `\uFEFF${HEADER}`)
    expect(rows.length).toBe(1)
    expect(tally).toMatchObject({
      warnings: { repeated_header: 1, byte_order_mark: 1 },
      rejected: {},
    })
  })

  it('of another order of columns is rejected', () => {
    const other = HEADER.split(',').toReversed().join(',')
    expect(decode(HEADER, row, other).tally.rejected).toEqual({ wrong_shape: 1 })
  })
})

function checkOf(...coins: string[]): number {
  const lines = coins.map((coin, at) => `2025-01-01T00:00:00Z,${coin},1,${at + 1},1,1,1,1,1,1,1,1`)
  return decode(HEADER, ...lines).tally.check
}

it('tallies another check when two coins of a time swap their values', () => {
  expect(checkOf('BTC', 'ETH')).not.toBe(checkOf('ETH', 'BTC'))
})

describe('a value that is absent', () => {
  it('is NULL for prices and open interest when written as zero, and for premium without impact prices', () => {
    expect(numbersOf('0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0')).toEqual({
      funding: 0,
      day_ntl_vlm: 0,
    })
  })

  it('is NULL when nothing or null is written, whatever the column', () => {
    expect(numbersOf(',,null,null,,,,,,null')).toEqual({})
  })

  it('is not a zero premium of a coin that has an impact price', () => {
    expect(numbersOf('1,1,1,1,0,1,1,1,0,2')).toMatchObject({ premium: 0, impact_ask_px: 2 })
    expect(numbersOf('1,1,1,1,0,1,1,1,2,0')).toMatchObject({ premium: 0, impact_bid_px: 2 })
  })
})

describe('signs', () => {
  it('may be negative for funding, premium and open interest; the last is warned of', () => {
    const { rows, tally } = decode(HEADER, '2025-01-01T00:00:00Z,BTC,-1,-2,1,1,-3,1,1,1,1,1')
    expect(rows[0]?.values).toMatchObject({ funding: -1, open_interest: -2, premium: -3 })
    expect(tally.warnings).toEqual({ negative_open_interest: 1 })
  })

  it.each(['2', '3', '5', '6', '7', '8', '9'])('may not be negative in column %s', (column) => {
    const values = Array.from({ length: 10 }, (_, at) => (at === Number(column) ? '-1' : '1'))
    const { tally } = decode(HEADER, `2025-01-01T00:00:00Z,BTC,${values.join(',')}`)
    expect(tally.rejected).toEqual({ negative: 1 })
  })
})

it('keeps the later of two rows of a coin and time', () => {
  const [time, others] = ['2025-01-01T00:00:00Z', '1,1,1,1,1,1,1,1,1']
  const { rows, tally } = decode(HEADER, `${time},BTC,1,${others}`, `${time},BTC,2,${others}`)
  expect(rows.map(({ values }) => values.funding)).toEqual([2])
  expect(tally).toMatchObject({ rows: 2, distinctRows: 1, supersededRows: 1, warnings: {} })
})

it('keeps rows off the minute at their own time', () => {
  const { rows } = decode(HEADER, '2025-01-01T00:00:59.123456Z,BTC,1,1,1,1,1,1,1,1,1,1')
  expect(rows[0]?.ts).toBe(1_735_689_659_123_456)
})
