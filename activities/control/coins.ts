import { FAILURE } from '@backtide/core/failure'
import { partitionKey, partitionsOf } from '@backtide/core/partition'
import { nameSome, quote } from '@backtide/core/problem'
import type { Scope } from '@backtide/core/request'
import { parseSeries, seriesOf } from '@backtide/core/series'
import type { Dataset } from '@backtide/datasets/dataset'
import { ApplicationFailure } from '@temporalio/common'
import type { Account, ObjectStore } from '../objects/object-store.ts'

/** Partitions of a range that are looked at. */
const LOOKS = 4

/** Coins looked for one by one where an archive does not list, and coins that a sentence names. */
const MOST = 8

/** What is asked for, and where to look. */
export interface CoinsContext {
  readonly dataset: Dataset
  readonly objects: Pick<ObjectStore, 'list' | 'open'>
  readonly signal: AbortSignal
  readonly account?: Account | undefined
}

/**
 * Looks at a few partitions of a range for the coins of some series, and says which of them none of
 * those has, where it has others: a name in other letters would be a year of `missing`. A partition
 * that the archive does not have at all says nothing.
 * @throws ApplicationFailure of type `BadRequest` when none of the coins is there, and a like-named one is
 */
export async function findOddCoins(
  context: CoinsContext,
  { range, symbols, hours }: Omit<Scope, 'dataset'>,
): Promise<readonly string[]> {
  const { dataset } = context
  // A history behind requests costs as much to look at as to load.
  if (dataset.symbols === 'all' || dataset.source.kind === 'rest') return []
  const asked = [...new Set(symbols.map((series) => parseSeries(series).symbol))]
  const looks = spread(partitionsOf(range, dataset.granularity, hours))
  const listed = await listCoins(context, looks, symbols[0] ?? '*')
  const seen = listed
    ? { at: looks, coins: asked, there: listed }
    : await tryCoins(context, looks, asked, symbols[0] ?? '*')
  const absent = seen.coins.filter((coin) => !seen.there.has(coin))
  if (seen.there.size === 0 || absent.length === 0) return []
  const like = likeNamed(absent, seen.there)
  const what = describe(dataset, { ...seen, absent, like })
  if (absent.length < asked.length || like.length === 0) return [what]
  const message = `${what} Start it again with the coins as the archive writes them.`
  throw ApplicationFailure.nonRetryable(message, FAILURE.badRequest)
}

/** Stands for a coin in a key; no coin has it. */
const ANY = '\0'

function spread(starts: readonly number[]): readonly number[] {
  const last = starts.length - 1
  const at = Array.from({ length: LOOKS }, (_, index) => Math.round((last * index) / (LOOKS - 1)))
  return [...new Set(at)].map((index) => starts[index] ?? 0)
}

/** Coins of all objects of some partitions; undefined where they cannot be listed. */
async function listCoins(
  { dataset, objects, signal, account }: CoinsContext,
  looks: readonly number[],
  series: string,
): Promise<ReadonlySet<string> | undefined> {
  const { interval } = parseSeries(series)
  const all = await Promise.all(
    looks.map(async (start) => {
      const [key = ''] = dataset.source.objects(start, seriesOf(ANY, interval))
      const [before = '', after = '', ...more] = key.split(ANY)
      // Of keys that name their coin twice one prefix does not hold all.
      if (before === '' || more.length > 0) return undefined
      const keys = await objects.list(before, { signal, account })
      return keys
        ?.filter((found) => found.endsWith(after))
        .map((found) => found.slice(before.length, found.length - after.length))
    }),
  )
  return all.every((coins) => coins !== undefined) ? new Set(all.flat()) : undefined
}

/** The same by asking for the objects of some coins, and of such as they may be meant for. */
async function tryCoins(
  { dataset, objects, signal, account }: CoinsContext,
  looks: readonly number[],
  asked: readonly string[],
  series: string,
) {
  const at = [...new Set([looks[0] ?? 0, looks.at(-1) ?? 0])]
  const coins = asked.slice(0, MOST)
  const there = new Set<string>()
  const { interval } = parseSeries(series)
  const look = async (coin: string) => {
    for (const start of at) {
      const [key = ''] = dataset.source.objects(start, seriesOf(coin, interval))
      const opened = await objects.open(key, { signal, account })
      if (opened.state !== 'found') continue
      opened.close()
      there.add(coin)
      return
    }
  }
  try {
    await Promise.all(coins.map(look))
    const others = coins.filter((coin) => !there.has(coin)).flatMap(variantsOf)
    await Promise.all(others.filter((coin) => dataset.symbolPattern.test(coin)).map(look))
  } catch {
    // What cannot be read is the loads' to tell: they know what is absent and what is refused.
    signal.throwIfAborted()
    there.clear()
  }
  return { at, coins, there }
}

/** Names that a coin may be meant for, where nobody can say which there are. */
function variantsOf(coin: string): readonly string[] {
  const base = baseOf(coin).toUpperCase()
  return [...new Set([base, `k${base}`, `${base}USDT`])].filter((name) => name !== coin)
}

function likeNamed(coins: readonly string[], there: ReadonlySet<string>): readonly string[] {
  const names = new Set(coins.flatMap((coin) => [coin.toLowerCase(), baseOf(coin).toLowerCase()]))
  const isLike = (name: string) =>
    names.has(name.toLowerCase()) || names.has(baseOf(name).toLowerCase())
  return [...there].filter(isLike).toSorted()
}

/** `BTC` of `BTC-USD`, `BTCUSDT` and `BTC-PERP`, `PEPE` of `kPEPE`. */
function baseOf(coin: string): string {
  const bare = coin.replace(/^k(?=[A-Z])/, '').replace(/[-_/]?(?:usd[tc]?|perp)$/i, '')
  return bare === '' ? coin : bare
}

interface Seen {
  readonly at: readonly number[]
  readonly absent: readonly string[]
  readonly like: readonly string[]
}

function describe({ id, granularity }: Dataset, { at, absent, like }: Seen): string {
  const where = at.map((start) => partitionKey(start, granularity)).join(', ')
  const meant = like.length > 0 ? ` Did you mean ${nameSome(like.map(quote), MOST)}?` : ''
  return `coins not in the archive of ${id} at ${where}, which has others there: ${nameSome(absent.map(quote), MOST)}.${meant}`
}
