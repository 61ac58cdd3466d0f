import { venueOf, type KnownInstrument } from '@backtide/core/instrument'
import { dayKey } from '@backtide/core/partition'
import { nameSome, quote } from '@backtide/core/problem'
import { DAY_MS, parseInstant, type Range } from '@backtide/core/range'
import type { BackfillRequest } from '@backtide/core/request'
import { ALL_SYMBOLS, crossSeries, parseSeries, splitSeries } from '@backtide/core/series'
import { INSTRUMENT_SOURCES } from '@backtide/datasets/instruments'
import { listedCoins } from '@backtide/datasets/listed-coins'
import type { Deps } from '../deps.ts'
import { invalidRequest } from '../http/problem.ts'

interface Asked {
  readonly dataset: string
  readonly coins?: readonly string[] | undefined
  readonly from: string
  readonly to: string
}

/** Instruments that were seen longer ago are asked for anew, in milliseconds. */
const STALE_MS = DAY_MS

/**
 * Every coin that was listed at some time of a range where `coins` is `*`, as far as instruments are
 * known now; a request that names its coins stays as it is.
 * @throws ProblemError 422 where no instruments are known; they are asked for meanwhile
 */
export async function expandCoins<Body extends Asked>(deps: Deps, body: Body): Promise<Body> {
  const dataset = deps.registry.find(body.dataset)
  if (!body.coins?.includes('*') || dataset?.symbols !== 'named') return body
  if (body.coins.length > 1) throw badCoins('"*" is every coin; name nothing beside it.')
  const exchange = venueOf(dataset.id)
  if (!INSTRUMENT_SOURCES.some((one) => one.exchange === exchange)) {
    throw badCoins(`Instruments of ${exchange} are not known to Backtide; name the coins.`)
  }
  const known = await deps.store.listInstruments(exchange)
  const newest = Math.max(0, ...known.map(({ seenAt }) => seenAt))
  if (deps.now() - newest > STALE_MS) {
    await deps.runs.syncInstruments({ exchange, tempo: deps.settings.tempo })
  }
  if (known.length === 0) {
    throw badCoins(
      `Instruments of ${exchange} are not known yet; they are asked for now: try again in a minute.`,
    )
  }
  const range = { from: parseInstant(body.from) ?? 0, to: parseInstant(body.to) ?? Infinity }
  const coins = listedCoins(dataset, known, range)
  if (coins.length === 0) throw badCoins(`No instrument of ${exchange} was listed in the range.`)
  return { ...body, coins }
}

/** The request as it was asked: `*` is the same request with every list of instruments. */
export function askedWithStar(
  asked: BackfillRequest,
  { coins }: Pick<Asked, 'coins'>,
): BackfillRequest {
  if (!coins?.includes('*')) return asked
  return { ...asked, symbols: crossSeries(ALL_SYMBOLS, splitSeries(asked.symbols).intervals) }
}

/** Most coins that a sentence names. */
const MOST_NAMED = 8

/** What is known of the coins of a request: which are none, and which were listed later or gone earlier. */
export async function warnOfCoins(
  deps: Deps,
  { dataset, symbols, range }: Pick<BackfillRequest, 'dataset' | 'symbols' | 'range'>,
): Promise<readonly string[]> {
  const exchange = venueOf(dataset)
  const known = await deps.store.listInstruments(exchange)
  if (known.length === 0 || symbols[0] === '*') return []
  const bySymbol = new Map(known.map((one) => [one.symbol, one]))
  const coins = [...new Set(symbols.map((series) => parseSeries(series).symbol))]
  const strangers = coins.filter((coin) => !bySymbol.has(coin))
  const odd = coins
    .flatMap((coin) => bySymbol.get(coin) ?? [])
    .flatMap((one) => outside(one, range))
  return [
    ...(strangers.length > 0
      ? [
          `not among the known instruments of ${exchange}: ${nameSome(strangers.map(quote), MOST_NAMED)}`,
        ]
      : []),
    ...odd.slice(0, MOST_NAMED),
    ...(odd.length > MOST_NAMED ? [`${odd.length - MOST_NAMED} more coins are the same`] : []),
  ]
}

function outside(one: KnownInstrument, { from, to }: Range): readonly string[] {
  const { symbol, listed, delisted } = one
  const rest = 'what is outside of that is not_listed, and nothing is asked for it'
  if (listed !== undefined && listed - DAY_MS > from) {
    return [`${symbol} was listed on ${dayKey(listed)}: ${rest}`]
  }
  if (delisted !== undefined && delisted + DAY_MS < to) {
    return [`${symbol} was traded until ${dayKey(delisted)}: ${rest}`]
  }
  return []
}

function badCoins(detail: string) {
  return invalidRequest([{ pointer: '/coins', detail }])
}
