import { quote } from '@backtide/core/problem'
import { registry } from '@backtide/datasets/registry'
import { isNode } from 'yaml'
import { z } from 'zod'
import { ConfigError } from './config-error.ts'
import { readYaml } from './yaml-text.ts'

/** One series of candles somebody wants: `hyperliquid/BTC/USD/perps/15m`. */
export interface Starlisting {
  readonly name: string
  readonly exchange: string
  /** As instruments have it: `perp`, where Kirby says `perps`. */
  readonly market: string
  readonly dataset: string
  /** Datasets with more of the same coin: funding, open interest. */
  readonly also: readonly string[]
  /** As it stands in the file. */
  readonly base: string
  /** The venue's symbol. */
  readonly coin: string
  readonly interval: string
  /** So many days of history are wanted; absent for all there are. */
  readonly days?: number
}

const name = z.string().min(1).max(40)
const word = z.strictObject({ symbol: name, name: name.optional(), active: z.boolean().optional() })
const title = z.strictObject({
  name,
  display_name: name.optional(),
  active: z.boolean().optional(),
})
const entry = z.strictObject({
  exchange: name,
  coin: name,
  quote: name,
  market_type: name,
  intervals: z.array(name).min(1),
  days: z.int().min(1).max(10_000).optional(),
  active: z.boolean().default(true),
})

/** Kirby's `starlistings.yaml`: what is declared above `starlistings` is all that these may name. */
const file = z.strictObject({
  exchanges: z.array(title).optional(),
  coins: z.array(word).optional(),
  quote_currencies: z.array(word).optional(),
  market_types: z.array(title).optional(),
  starlistings: z.array(entry).min(1),
})

type Entry = z.output<typeof entry>

/**
 * Reads a `starlistings.yaml`; what is not active is left out.
 * @param shown how faults call the file
 * @throws ConfigError with everything that is wrong, each with line and column
 */
export function readStarlistings(text: string, shown: string): readonly Starlisting[] {
  const { document, at, faults: broken } = readYaml(text, shown)
  if (broken.length > 0) throw new ConfigError(broken)
  const placeOf = (path: readonly PropertyKey[]): string => {
    for (let length = path.length; length > 0; length -= 1) {
      const node = document.getIn(path.slice(0, length), true)
      if (isNode(node) && node.range) return at(node.range[0])
    }
    return at(0)
  }
  const parsed = file.safeParse(document.toJS({ maxAliasCount: 10 }))
  if (!parsed.success) {
    throw new ConfigError(
      parsed.error.issues.flatMap((issue) =>
        issue.code === 'unrecognized_keys'
          ? issue.keys.map(
              (key) => `${placeOf([...issue.path, key])}: nothing is called ${quote(key)}`,
            )
          : [`${placeOf(issue.path)}: ${issue.path.join('.')}: ${issue.message}`],
      ),
    )
  }
  const faults = parsed.data.starlistings.flatMap((one, index) =>
    faultsOf(one, parsed.data).map(
      ([field, fault]) => `${placeOf(['starlistings', index, ...field])}: ${fault}`,
    ),
  )
  if (faults.length > 0) throw new ConfigError(faults)
  return parsed.data.starlistings.filter(({ active }) => active).flatMap(expand)
}

/** What a venue calls a pair, and which of our datasets has its candles. */
interface Venue {
  readonly dataset: string
  /** Its markets, and which datasets have more of what is traded there. */
  readonly markets: Readonly<Record<string, readonly string[]>>
  /** Undefined where the pair is none of the venue's. */
  coinOf(entry: Entry, market: string): string | undefined
}

const VENUES: Readonly<Record<string, Venue>> = {
  hyperliquid: {
    dataset: 'hyperliquid.candles',
    markets: { perp: ['hyperliquid.funding', 'hyperliquid.open_interest'], spot: [] },
    // Its dollar is USDC; pairs of spot have numbers, and only the venue knows which.
    coinOf: ({ coin, quote: of }, market) => {
      if (!['USD', 'USDC'].includes(of)) return undefined
      if (market === 'perp') return coin
      return /^@\d+$/.test(coin) ? coin : coin === 'PURR' ? 'PURR/USDC' : undefined
    },
  },
  binance: {
    dataset: 'binance.klines',
    markets: { spot: [] },
    coinOf: ({ coin, quote: of }) => `${coin}${of}`,
  },
}

type Fault = readonly [field: readonly PropertyKey[], detail: string]

function faultsOf(one: Entry, declared: z.output<typeof file>): readonly Fault[] {
  const undeclared = (field: keyof Entry, names: readonly string[] | undefined): Fault[] =>
    names && !names.includes(String(one[field]))
      ? [[[field], `${quote(String(one[field]))} is not declared above: ${names.join(', ')}`]]
      : []
  const venue = Object.hasOwn(VENUES, one.exchange) ? VENUES[one.exchange] : undefined
  return [
    ...undeclared(
      'exchange',
      declared.exchanges?.map((known) => known.name),
    ),
    ...undeclared(
      'coin',
      declared.coins?.map((known) => known.symbol),
    ),
    ...undeclared(
      'quote',
      declared.quote_currencies?.map((known) => known.symbol),
    ),
    ...undeclared(
      'market_type',
      declared.market_types?.map((known) => known.name),
    ),
    ...(venue
      ? venueFaults(one, venue)
      : [
          [
            ['exchange'],
            `no candles of ${quote(one.exchange)}; there are those of ${Object.keys(VENUES).join(', ')}`,
          ] as const,
        ]),
  ]
}

function venueFaults(one: Entry, venue: Venue): readonly Fault[] {
  const market = marketOf(one)
  const { intervals = [], symbolPattern } = registry.find(venue.dataset) ?? {}
  const wrong = one.intervals.flatMap((interval, index): Fault[] =>
    intervals.includes(interval)
      ? []
      : [
          [
            ['intervals', index],
            `${quote(interval)} is no interval of ${venue.dataset}: ${intervals.join(', ')}`,
          ],
        ],
  )
  if (!Object.hasOwn(venue.markets, market)) {
    const known = Object.keys(venue.markets).join(', ')
    const detail = `${quote(one.market_type)} is no market of ${one.exchange} here: ${known}`
    return [[['market_type'], detail], ...wrong]
  }
  const coin = venue.coinOf(one, market)
  if (coin !== undefined && symbolPattern?.test(coin)) return wrong
  const remedy = `backtide instruments --exchange ${one.exchange} --market ${market} lists what there is`
  const detail = `${quote(`${one.coin}/${one.quote}`)} cannot be a pair of ${one.exchange}; ${remedy}`
  return [[['coin'], detail], ...wrong]
}

/** `perps` is `perp`. */
function marketOf({ market_type: market }: Entry): string {
  return market === 'perps' ? 'perp' : market
}

function expand(one: Entry): readonly Starlisting[] {
  const { exchange, coin, quote: of, market_type: written, intervals, days } = one
  const venue = VENUES[exchange]
  const market = marketOf(one)
  const symbol = venue?.coinOf(one, market)
  if (!venue || symbol === undefined) return []
  return intervals.map((interval) => ({
    name: [exchange, coin, of, written, interval].join('/'),
    exchange,
    market,
    dataset: venue.dataset,
    also: venue.markets[market] ?? [],
    base: coin,
    coin: symbol,
    interval,
    ...(days !== undefined && { days }),
  }))
}
