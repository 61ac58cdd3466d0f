import { isListed } from '@backtide/core/instrument'
import { DAY_MS } from '@backtide/core/range'
import type { AskVenue } from '@backtide/datasets/instrument-source'
import type { HistoryRequest } from '@backtide/datasets/dataset'
import { hyperliquidInstruments } from '@backtide/datasets/hyperliquid/instruments'
import { describe, expect, it } from 'vitest'

const NOW = Date.UTC(2026, 10, 21)

/** Documents of the info endpoint, by type and dex. */
const ANSWERS: Readonly<Record<string, unknown>> = {
  spotMeta: {
    tokens: [
      { name: 'USDC', index: 0 },
      { name: 'PURR', index: 1 },
      { name: 'HYPE', index: 150 },
      { name: 'USDH', index: 360 },
    ],
    universe: [
      { name: 'PURR/USDC', tokens: [1, 0], index: 0 },
      { name: '@107', tokens: [150, 0], index: 107 },
      { name: '@9', tokens: [999, 0], index: 9 },
      { name: '../etc', tokens: [1, 0], index: 10 },
    ],
  },
  perpDexs: [null, { name: 'xyz', fullName: 'XYZ' }, { name: 'a b' }],
  'meta ': {
    universe: [{ name: 'BTC' }, { name: 'kPEPE' }, { name: 'FTM', isDelisted: true }],
    collateralToken: 0,
  },
  'meta xyz': { universe: [{ name: 'xyz:TSLA' }], collateralToken: 360 },
}

const ask: AskVenue = async ({ body, recordsOf }: HistoryRequest) => {
  const { type, dex } = body as { readonly type: string; readonly dex?: string }
  const answer = ANSWERS[dex === undefined ? type : `${type} ${dex}`]
  return (await Promise.resolve(recordsOf ? recordsOf(answer) : (answer as unknown[]))) ?? 'nothing'
}

const candles =
  (days: readonly (readonly [number, number])[]): AskVenue =>
  async () =>
    await Promise.resolve(days.map(([t, n]) => ({ t, T: t + DAY_MS - 1, n })))

const day = (number: number) => ({ from: number * DAY_MS, to: (number + 1) * DAY_MS })

describe('Instruments of Hyperliquid', () => {
  it('are perpetuals of all dexes and spot pairs, with tokens found by number', async () => {
    const listed = await hyperliquidInstruments.list(ask)
    expect(
      listed.map(({ market, symbol, base, quote, aliases, isDelisted }) =>
        [market, symbol, base, quote, aliases.join(), isDelisted].join(' '),
      ),
    ).toEqual([
      'perp BTC BTC USDC BTC/USD false',
      'perp kPEPE kPEPE USDC kPEPE/USD false',
      'perp FTM FTM USDC FTM/USD true',
      'perp xyz:TSLA TSLA USDH xyz:TSLA/USD false',
      'spot PURR/USDC PURR USDC  false',
      'spot @107 HYPE USDC HYPE/USDC false',
    ])
  })

  it('are an error where the venue answers something else', async () => {
    await expect(hyperliquidInstruments.list(candles([[0, 1]]))).rejects.toThrow(/spotMeta/)
    await expect(
      hyperliquidInstruments.list(async () => await Promise.resolve('nothing')),
    ).rejects.toThrow(/answers spotMeta with nothing/)
  })

  it('are listed since the first candle with trades, and delisted after the last', async () => {
    const start = Date.UTC(2023, 1, 25)
    const traded = candles([
      [start, 0],
      [start + DAY_MS, 7],
      [start + 9 * DAY_MS, 3],
      [start + 10 * DAY_MS, 0],
    ])
    const [btc, , ftm] = await hyperliquidInstruments.list(ask)
    if (!btc || !ftm) throw new Error('not listed')
    const listed = start + DAY_MS
    expect(await hyperliquidInstruments.dates(traded, btc, NOW)).toEqual({ listed })
    const dates = { listed, delisted: start + 10 * DAY_MS }
    expect(await hyperliquidInstruments.dates(traded, ftm, NOW)).toEqual(dates)
    expect(await hyperliquidInstruments.dates(candles([]), ftm, NOW)).toEqual({})
  })
})

describe('What was listed', () => {
  const listing = { listed: 10 * DAY_MS, delisted: 20 * DAY_MS }

  it('is the time between both dates, and a day on either side', () => {
    const days = Array.from({ length: 30 }, (_, at) => at).filter((at) =>
      isListed(listing, day(at)),
    )
    expect([days[0], days.at(-1)]).toEqual([9, 20])
  })

  it('is everything where no date is known', () => {
    expect(isListed({}, day(0))).toBe(true)
    expect(isListed({ delisted: 20 * DAY_MS }, day(0))).toBe(true)
    expect(isListed({ listed: 0 }, day(3_000))).toBe(true)
  })
})
