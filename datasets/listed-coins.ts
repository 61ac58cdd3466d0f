import { isListed, type KnownInstrument } from '@backtide/core/instrument'
import type { Range } from '@backtide/core/range'
import type { Dataset } from './dataset.ts'

/** Of the instruments of its venue, the coins of a dataset that were listed at some time of a range. */
export function listedCoins(
  { constants, symbolPattern }: Pick<Dataset, 'constants' | 'symbolPattern'>,
  known: readonly KnownInstrument[],
  range: Range,
): string[] {
  const only = constants['market']
  return known
    .filter((one) => (only === undefined || only === one.market) && symbolPattern.test(one.symbol))
    .filter((one) => isListed(one, range))
    .map(({ symbol }) => symbol)
}
