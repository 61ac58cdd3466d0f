import { DAY_MS } from '@backtide/core/range'
import type { HistoryRequest } from '../dataset.ts'
import type { AskVenue, InstrumentSource, VenueInstrument } from '../instrument-source.ts'
import { COIN, marketOf, VENUE } from './archive.ts'
import { infoHistory } from './info-history.ts'
import { isObject } from '../values/json-line.ts'

/**
 * Instruments of the info endpoint: perpetuals of its own and of other dexes, and spot pairs. It gives no
 * dates of listing: these are told by the first and last daily candle that has trades.
 * https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint
 */
export const hyperliquidInstruments: InstrumentSource = {
  ...VENUE,
  source: infoHistory('candleSnapshot'),
  list: async (ask) => {
    const spot = readSpotMeta(await askOne(ask, { type: 'spotMeta' }))
    const dexes = readDexes(await ask(info({ type: 'perpDexs' })))
    const perps: VenueInstrument[] = []
    for (const dex of dexes) {
      perps.push(...readPerps(await askOne(ask, { type: 'meta', dex }), spot.tokens))
    }
    return [...perps, ...spot.pairs]
  },
  dates: async (ask, { symbol, isDelisted }, now) => {
    const candles = await ask(dailyCandles(symbol, now))
    const traded = candles === 'nothing' ? [] : candles.flatMap(tradedDay)
    if (traded.length === 0) return {}
    const listed = Math.min(...traded)
    return isDelisted ? { listed, delisted: Math.max(...traded) + DAY_MS } : { listed }
  },
}

/** A request that one document answers. */
function info(body: { readonly type: string; readonly dex?: string }): HistoryRequest {
  return { path: 'info', body, weight: 20 }
}

async function askOne(
  ask: AskVenue,
  body: { readonly type: string; readonly dex?: string },
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await ask({ ...info(body), recordsOf: theDocument })
  const [one] = answer === 'nothing' ? [] : answer
  if (!isObject(one)) throw new Error(`the venue answers ${body.type} with nothing`)
  return one
}

function theDocument(answer: unknown): readonly unknown[] | undefined {
  return isObject(answer) ? [answer] : undefined
}

function dailyCandles(coin: string, now: number): HistoryRequest {
  const req = { coin, interval: '1d', startTime: BEFORE_ALL, endTime: now }
  const candles = (now - BEFORE_ALL) / DAY_MS
  const body = { type: 'candleSnapshot', req }
  return { path: 'info', body, weight: 20 + Math.ceil(candles / 60) }
}

/** The venue's first daily candle is of August 2020; those before February 2023 have no trades. */
const BEFORE_ALL = Date.UTC(2020, 7, 1)

function tradedDay(candle: unknown): readonly number[] {
  if (!isObject(candle)) return []
  const { t, n } = candle
  return Number.isSafeInteger(t) && Number(n) > 0 ? [Number(t) - (Number(t) % DAY_MS)] : []
}

/** `[null, {"name":"xyz",…}]`: the first is the venue's own, which has no name. */
function readDexes(answer: readonly unknown[] | 'nothing'): readonly string[] {
  const others = answer === 'nothing' ? [] : answer
  const names = others.flatMap((dex) =>
    isObject(dex) && typeof dex['name'] === 'string' ? [dex['name']] : [],
  )
  return ['', ...names.filter((name) => /^\w{1,20}$/.test(name))]
}

/** `{"universe":[{"name":"BTC","isDelisted":true,…}],"collateralToken":0}` */
function readPerps(
  { universe, collateralToken = 0 }: Readonly<Record<string, unknown>>,
  tokens: ReadonlyMap<number, string>,
): readonly VenueInstrument[] {
  const settle = tokens.get(Number(collateralToken)) ?? 'USDC'
  return listOf(universe, 'meta').flatMap((entry) => {
    const { name: symbol, isDelisted = false } = entry
    if (typeof symbol !== 'string' || !COIN.test(symbol)) return []
    const base = symbol.slice(symbol.indexOf(':') + 1)
    const facts = { ...VENUE, market: marketOf(symbol), symbol, base, quote: settle, settle }
    return [{ ...facts, aliases: [`${symbol}/USD`], isDelisted: isDelisted === true }]
  })
}

/** Tokens by their number, and pairs, which name tokens by it and not by their place in the list. */
function readSpotMeta({ tokens, universe }: Readonly<Record<string, unknown>>) {
  const names = new Map(
    listOf(tokens, 'spotMeta').flatMap(({ index, name }) =>
      typeof name === 'string' ? [[Number(index), name] as const] : [],
    ),
  )
  const pairs = listOf(universe, 'spotMeta').flatMap((entry): VenueInstrument[] => {
    const { name: symbol, tokens: pair } = entry
    if (typeof symbol !== 'string' || !COIN.test(symbol) || !Array.isArray(pair)) return []
    const [base, quote] = pair.map((index) => names.get(Number(index)))
    if (base === undefined || quote === undefined) return []
    const written = `${base}/${quote}`
    const aliases = written === symbol ? [] : [written]
    return [
      { ...VENUE, market: 'spot', symbol, base, quote, settle: quote, aliases, isDelisted: false },
    ]
  })
  return { tokens: names, pairs }
}

function listOf(list: unknown, of: string): readonly Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(list)) throw new Error(`the venue's ${of} has no such list`)
  return list.filter(isObject)
}
