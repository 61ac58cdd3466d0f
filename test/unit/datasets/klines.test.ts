import { registry } from '@backtide/datasets/registry'
import { describe, expect, it } from 'vitest'
import { decodeObject } from '../../contract/decode.ts'
import { writeZip } from '../../contract/zip-writer.ts'

const HEADER =
  'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore'
const HOUR_MS = 3_600_000
const NEW_YEAR = Date.UTC(2025, 0, 1)
const EVE = Date.UTC(2024, 11, 31)

const DATASET = registry.all.find(({ id }) => id === 'binance.klines')

function decodeDay(from: number, interval: string, lines: readonly string[]) {
  if (!DATASET) throw new Error('not registered')
  const object = { symbol: `BTCUSDT ${interval}`, from, to: from + 24 * HOUR_MS }
  const text = lines.map((line) => `${line}\n`).join('')
  return decodeObject(DATASET, object, writeZip([Buffer.from(text)]))
}

/** A line whose candle opens and closes at these times, in the unit of the file. */
function lineOf(open: number, close: number, price = 1): string {
  return `${open},${price},2,0.5,1.5,10,${close},15,3,4,6,0`
}

/** Lines of the first so many candles of a day, in microseconds. */
function minutesOf(from: number, indices: readonly number[]): string[] {
  return indices.map((index) => {
    const open = (from + index * 60_000) * 1000
    return lineOf(open, open + 59_999_999)
  })
}

describe('a line', () => {
  it('is a candle of its series: volumes of base and quote, trades, closed', () => {
    const open = NEW_YEAR * 1000
    const line = `${open},93576,95151.15,92888,94591.79,10373.32613,${open + 86_399_999_999},975444624.9,1784710,5000.1,470000000.5,0`
    const { rows, tally } = decodeDay(NEW_YEAR, '1d', [line])
    expect(rows.map(({ table, ts, values }) => ({ table, ts, values }))).toEqual([
      {
        table: 'candles_all',
        ts: open,
        values: {
          exchange: 'binance',
          market: 'spot',
          origin: 'archive',
          symbol: 'BTCUSDT',
          interval: '1d',
          open: 93_576,
          high: 95_151.15,
          low: 92_888,
          close: 94_591.79,
          volume: 10_373.32613,
          quote_volume: 975_444_624.9,
          trades: 1_784_710,
          closed: true,
        },
      },
    ])
    expect(tally.expected.map(({ symbol }) => symbol)).toEqual(['BTCUSDT 1d'])
    expect(tally).toMatchObject({ rejected: {}, warnings: {}, fallbacks: 0 })
  })

  it('is in milliseconds until 2024 and in microseconds since 2025', () => {
    const eve = decodeDay(EVE, '1h', [lineOf(EVE, EVE + HOUR_MS - 1)])
    expect(eve.rows.map(({ ts }) => ts)).toEqual([EVE * 1000])
    const open = NEW_YEAR * 1000
    const day = decodeDay(NEW_YEAR, '1h', [lineOf(open, open + HOUR_MS * 1000 - 1)])
    expect(day.rows.map(({ ts }) => ts)).toEqual([open])
  })

  it.each([
    ['milliseconds in a day of microseconds', NEW_YEAR, NEW_YEAR, HOUR_MS],
    ['microseconds in a day of milliseconds', EVE, EVE * 1000, HOUR_MS * 1000],
    ['seconds', EVE, EVE / 1000, HOUR_MS / 1000],
    ['another day', EVE, EVE - HOUR_MS, HOUR_MS],
    ['the next day', EVE, EVE + 24 * HOUR_MS, HOUR_MS],
  ])('of %s is outside of its partition, not of another year', (_, day, open, length) => {
    const { rows, tally } = decodeDay(day, '1h', [lineOf(open, open + length - 1)])
    expect(rows).toEqual([])
    expect(tally.rejected).toEqual({ outside_partition: 1 })
  })

  it.each([
    ['opens between two candles', EVE + 60_000, EVE + 60_000 + HOUR_MS - 1],
    ['closes where the next one opens', EVE, EVE + HOUR_MS],
    ['is shorter than its interval', EVE, EVE + 59_999],
    ['closes in another unit', EVE, (EVE + HOUR_MS) * 1000 - 1],
  ])('that %s is rejected', (_, open, close) => {
    const { rows, tally } = decodeDay(EVE, '1h', [lineOf(open, close)])
    expect(rows).toEqual([])
    expect(tally.rejected).toEqual({ wrong_shape: 1 })
  })

  it('counts as superseded when a later one has its time', () => {
    const lines = [lineOf(EVE, EVE + HOUR_MS - 1, 1), lineOf(EVE, EVE + HOUR_MS - 1, 1.25)]
    const { rows, tally } = decodeDay(EVE, '1h', lines)
    expect(rows.map(({ values }) => values.open)).toEqual([1.25])
    expect(tally).toMatchObject({ rows: 2, distinctRows: 1, supersededRows: 1 })
  })
})

describe('a day', () => {
  const all = Array.from({ length: 1440 }, (_, index) => index)

  it('without a header or with one gives the same', () => {
    const bare = decodeDay(NEW_YEAR, '1m', minutesOf(NEW_YEAR, all))
    const headed = decodeDay(NEW_YEAR, '1m', [HEADER, ...minutesOf(NEW_YEAR, all)])
    expect(headed.bytes.equals(bare.bytes)).toBe(true)
    expect(bare.tally).toMatchObject({ distinctRows: 1440, warnings: {}, fallbacks: 0 })
  })

  it('of columns that nobody knows is refused, naming them', () => {
    const { tally } = decodeDay(NEW_YEAR, '1m', [HEADER.replace('count', 'trades')])
    expect(tally.refused).toContain('missing "count", new "trades"')
  })

  it('tells how many candles are missing, wherever they are, and not twice', () => {
    const lines = minutesOf(NEW_YEAR, all)
    const middle = [...lines.slice(0, 100), ...lines.slice(160), ...lines.slice(0, 10)]
    expect(decodeDay(NEW_YEAR, '1m', middle).tally).toMatchObject({
      warnings: { missing_candles: 60, duplicate: 10 },
      rejected: {},
    })
    expect(decodeDay(NEW_YEAR, '1m', lines.slice(240)).tally.warnings).toEqual({
      missing_candles: 240,
    })
  })

  it('that was cut says nothing of missing candles', () => {
    if (!DATASET) throw new Error('not registered')
    const object = { symbol: 'BTCUSDT 1m', from: NEW_YEAR, to: NEW_YEAR + 24 * HOUR_MS }
    const whole = writeZip([Buffer.from(minutesOf(NEW_YEAR, all).join('\n'))])
    const { tally } = decodeObject(DATASET, object, whole.subarray(0, whole.length / 2))
    expect(tally.corrupt).toBeDefined()
    expect(tally.warnings).toEqual({})
  })
})
