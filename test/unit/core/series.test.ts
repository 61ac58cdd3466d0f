import { crossSeries, parseSeries, seriesOf, splitSeries } from '@backtide/core/series'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const symbols = fc.uniqueArray(fc.constantFrom('BTC', 'kPEPE', '@107', 'BTCUSDT', '*'), {
  minLength: 1,
})
const intervals = fc.uniqueArray(fc.constantFrom('1m', '5m', '1h', '1M'), { minLength: 1 })

describe('A series', () => {
  it('is a symbol, or a symbol and its interval with one space between', () => {
    expect(seriesOf('BTC')).toBe('BTC')
    expect(seriesOf('BTCUSDT', '1m')).toBe('BTCUSDT 1m')
  })

  it('is taken apart into what it was made of', () => {
    expect(parseSeries('*')).toEqual({ symbol: '*' })
    expect(parseSeries('@107')).toEqual({ symbol: '@107' })
    expect(parseSeries('BTCUSDT 1m')).toEqual({ symbol: 'BTCUSDT', interval: '1m' })
  })
})

describe('Coins and intervals', () => {
  it('are each with each other, sorted and once, and are read back from that', () => {
    fc.assert(
      fc.property(symbols, fc.option(intervals, { nil: undefined }), (coins, lengths) => {
        const series = crossSeries([...coins, ...coins], lengths)
        expect(series).toHaveLength(coins.length * (lengths?.length ?? 1))
        expect(series).toEqual([...new Set(series)].toSorted())
        const split = splitSeries(series)
        expect(split.coins.toSorted()).toEqual(coins.toSorted())
        expect(split.intervals?.toSorted()).toEqual(lengths?.toSorted())
      }),
    )
  })

  it('are nothing when an interval is wanted and there is none', () => {
    expect(crossSeries(['BTC'], [])).toEqual([])
  })
})
