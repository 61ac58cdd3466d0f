import { readFileSync } from 'node:fs'
import { readStarlistings, type Starlisting } from '@backtide/config/starlistings'
import { CliError, EXIT } from './exit.ts'

/** Where they are looked for when nobody names a file. */
export const STARLISTINGS = 'starlistings.yaml'

/** A backfill that starlistings come to: coins of one dataset that want the same intervals. */
export interface StarlistedBackfill {
  readonly dataset: string
  readonly coins: readonly string[]
  readonly intervals: readonly string[]
}

/** @throws CliError 2 when the file cannot be read; ConfigError with what is wrong in it */
export function openStarlistings(path: string): readonly Starlisting[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'an error'
    throw new CliError(EXIT.usage, `${path} cannot be read (${code})`)
  }
  return readStarlistings(text, path)
}

/** Those of an exchange and of some coins, as the file or the venue calls them; all where none is named. */
export function narrow(
  all: readonly Starlisting[],
  exchange?: string,
  coins?: readonly string[],
): readonly Starlisting[] {
  const of = all.filter((one) => exchange === undefined || one.exchange === exchange)
  const chosen = of.filter(
    ({ base, coin }) => !coins || coins.includes(base) || coins.includes(coin),
  )
  if (chosen.length > 0) return chosen
  const asked = [...(exchange ? [`exchange ${exchange}`] : []), ...(coins ?? [])].join(', ')
  throw new CliError(EXIT.usage, `no active starlisting${asked ? ` is of ${asked}` : ''}`)
}

/** One backfill a dataset, unless its coins want different intervals: then one for each choice of them. */
export function backfillsOf(
  all: readonly Pick<Starlisting, 'dataset' | 'coin' | 'interval'>[],
): readonly StarlistedBackfill[] {
  const intervals = new Map<string, Set<string>>()
  for (const { dataset, coin, interval } of all) {
    const name = JSON.stringify([dataset, coin])
    intervals.set(name, (intervals.get(name) ?? new Set()).add(interval))
  }
  const together = new Map<string, StarlistedBackfill>()
  for (const [name, wanted] of intervals) {
    const [dataset, coin] = JSON.parse(name) as [string, string]
    const key = JSON.stringify([dataset, ...[...wanted].toSorted()])
    const before = together.get(key)?.coins ?? []
    together.set(key, { dataset, coins: [...before, coin], intervals: [...wanted] })
  }
  return [...together.values()]
}
