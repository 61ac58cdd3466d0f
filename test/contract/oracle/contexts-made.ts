import type { ObjectContext, RecordReader } from '@backtide/datasets/dataset'
import { doubleColumn, rowStart } from '@backtide/datasets/ilp/names'
import {
  checkInteger,
  checkKey,
  checkNumber,
  checkRate,
  checkRow,
  checkSymbol,
} from '@backtide/datasets/values/checksum'
import { createDayOracle, NUMBERS, type Context } from './contexts.ts'
import { marketOf } from './market.ts'

const CATEGORIES =
  'open_interest funding mark_px oracle_px prev_day_px day_ntl_vlm mid_px premium'.split(' ')

/** Oracle of `hyperliquid.market_data`: a row a category, one of `none` where there is none. */
export function createMarketDataOracle(object: ObjectContext): RecordReader {
  return createDayOracle(object, (context, records) => {
    const { ts, coin: ticker } = context
    const found = CATEGORIES.filter((name) => numberOf(context, name) !== undefined)
    const written = found.length > 0 ? found : ['none']
    let check = 0
    for (const category of written) {
      const value = numberOf(context, category)
      const symbols = { category, ticker, source: 'HYPERLIQUID_S3' }
      records.rows.begin(rowStart('market_data_all', symbols))
      if (value !== undefined) records.rows.double(doubleColumn('value'), value)
      records.rows.end(ts)
      const place = CATEGORIES.indexOf(category) + 1
      check += checkRow(checkKey([checkInteger(ts), checkSymbol(ticker), place]), [
        checkNumber(value),
      ])
    }
    records.commit({ ts, symbol: ticker, identity: '', rank: 0, rows: written.length, check })
  })
}

/** Oracle of `hyperliquid.funding_archive`. */
export function createFundingOracle(object: ObjectContext): RecordReader {
  return createMinuteOracle(object, 'funding_all', (context) => ({
    rate: numberOf(context, 'funding'),
    premium: numberOf(context, 'premium'),
    mark_price: numberOf(context, 'mark_px'),
    oracle_price: numberOf(context, 'oracle_px'),
    mid_price: numberOf(context, 'mid_px'),
  }))
}

/** Oracle of `hyperliquid.open_interest`. */
export function createInterestOracle(object: ObjectContext): RecordReader {
  return createMinuteOracle(object, 'open_interest_all', (context) => {
    const [interest, mark] = ['open_interest', 'mark_px'].map((name) => numberOf(context, name))
    const notional = interest === undefined || mark === undefined ? undefined : interest * mark
    return {
      open_interest: interest,
      notional: notional !== undefined && Math.abs(notional) < Infinity ? notional : undefined,
      day_notional_volume: numberOf(context, 'day_ntl_vlm'),
    }
  })
}

type Values = Readonly<Record<string, number | undefined>>

/** The last context of a minute is the row of the minute. */
function createMinuteOracle(
  object: ObjectContext,
  table: string,
  valuesOf: (context: Context) => Values,
): RecordReader {
  return createDayOracle(object, (context, records) => {
    const { coin: symbol } = context
    const minute = Math.floor(context.ts / 60_000_000) * 60_000_000
    const symbols = { exchange: 'hyperliquid', origin: 'archive', market: marketOf(symbol), symbol }
    records.rows.begin(rowStart(table, symbols))
    const values = Object.entries(valuesOf(context))
    for (const [name, value] of values) {
      if (value !== undefined) records.rows.double(doubleColumn(name), value)
    }
    records.rows.end(minute)
    const check = checkRow(
      checkKey([checkInteger(minute), checkSymbol(symbol)]),
      values.map(([name, value]) => {
        return ['rate', 'premium'].includes(name) ? checkRate(value) : checkNumber(value)
      }),
    )
    records.commit({ ts: minute, symbol, identity: '', rank: context.ts, rows: 1, check })
  })
}

function numberOf({ numbers }: Context, name: string): number | undefined {
  return numbers[NUMBERS.indexOf(name)]
}
