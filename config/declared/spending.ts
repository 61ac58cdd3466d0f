import { registry } from '@backtide/datasets/registry'
import type { Rates } from '@backtide/core/prices'
import { z } from 'zod'
import { only } from '../only.ts'
import { always, perhaps, type Setting } from '../setting.ts'

const MOST_USD = 1_000_000

/** Dollars. */
const usd = z
  .number('must be dollars')
  .min(0, 'must be dollars, 0 or more')
  .max(MOST_USD, `must be ${MOST_USD} dollars at most`)

const rates = only('price', {
  perGiB: usd.default(0),
  perThousandGets: usd.default(0),
  perThousandLists: usd.default(0),
})

/** What sources cost, by name. */
const prices = only(
  'source',
  Object.fromEntries(registry.all.map(({ source }) => [source.name, rates.optional()])),
).transform((given) => given as Readonly<Record<string, Rates>>)

/** What sources that charge their readers may cost. */
export const SPENDING = {
  'budget.monthlyUsd': perhaps({
    variables: ['BACKTIDE_MONTHLY_BUDGET_USD'],
    about: 'dollars all backfills together may spend in a UTC month; reaching it pauses them',
    written: 'number',
    schema: usd,
    defaultText: 'no limit',
    example: 50,
    readers: ['worker', 'api'],
  }),
  'budget.confirmUsd': always({
    variables: ['BACKTIDE_CONFIRM_USD'],
    about: 'a backfill that may cost more dollars needs a plan, or `--yes`',
    written: 'number',
    schema: usd,
    default: 5,
    readers: ['api'],
  }),
  prices: perhaps({
    variables: ['BACKTIDE_PRICES'],
    about:
      'dollars a source costs in place of list prices, by its name; in its own region transfer is free',
    written: 'json',
    schema: prices,
    defaultText: 'core/prices.ts',
    example: { 'hyperliquid-archive': { perGiB: 0, perThousandGets: 0.0004 } },
    readers: ['worker', 'api'],
  }),
} as const satisfies Record<string, Setting>
