import type { Dataset, ObjectContext, RecordReader, RecordSink, RejectReason } from '../dataset.ts'
import { doubleColumn, rowStart } from '../ilp/names.ts'
import { MARKET_DATA } from '../unified/market-data.ts'
import {
  checkInteger,
  checkIntegerSql,
  checkKeySql,
  checkNumber,
  checkNumberSql,
  checkProduct,
  checkRowSql,
} from '../values/checksum.ts'
import { hasOnly, isObject, NOT_JSON, parseJson } from '../values/json-line.ts'
import { FEAR_GREED_HISTORY, instantOf } from './fear-greed-history.ts'

const CONSTANTS = { source: 'COINMARKETCAP', category: 'fear_and_greed' } as const

/** It is of no coin, but of the whole market. */
const TICKER = 'CRYPTO'

/** How greedy the market is, a number from 0 (fear) to 100 (greed) a day. */
export const coinmarketcapFearGreed: Dataset = {
  id: 'coinmarketcap.fear_greed',
  title: "CoinMarketCap's index of fear (0) and greed (100), a value a day, for who has a key",
  granularity: 'day',
  symbols: 'all',
  symbolPattern: /^CRYPTO$/,
  source: FEAR_GREED_HISTORY,
  begins: Date.UTC(2023, 5, 29),
  finalAfterDays: 7,
  table: MARKET_DATA,
  symbolColumn: 'ticker',
  constants: CONSTANTS,
  record: ['ts', 'ticker'],
  reachMs: 0,
  checksum: checkRowSql(checkKeySql([checkIntegerSql('ts')]), [checkNumberSql('value')]),
  inexact: [],
  formats: [
    { version: 1, container: 'none', createReader: (object) => new FearGreedReader(object) },
  ],
}

/** Reader of the values of a day: mostly one. */
class FearGreedReader implements RecordReader {
  readonly #object: ObjectContext
  readonly #start = rowStart(MARKET_DATA.name, { ...CONSTANTS, ticker: TICKER })
  #index: Index | undefined

  constructor(object: ObjectContext) {
    this.#object = object
  }

  parse(line: Buffer): true | RejectReason {
    const index = parseIndex(line)
    if (typeof index === 'string') return index
    const { from, to } = this.#object
    if (index.at < from || index.at >= to) return 'outside_partition'
    this.#index = index
    return true
  }

  write(records: RecordSink): void {
    if (!this.#index) return
    const { at, value, known } = this.#index
    const ts = at * 1000
    const { rows } = records
    rows.begin(this.#start)
    rows.double(VALUE, value)
    rows.end(ts)
    const check = checkProduct(checkInteger(ts), 1 + checkNumber(value))
    records.commit({ ts, symbol: TICKER, identity: '', rank: 0, rows: 1, check })
    if (!known) records.warn('unknown_field')
  }
}

interface Index {
  /** UTC milliseconds. */
  readonly at: number
  readonly value: number
  readonly known: boolean
}

/** `{"timestamp":"1726617600","value":45,"value_classification":"Neutral"}` */
function parseIndex(line: Buffer): Index | RejectReason {
  const parsed = parseJson(line)
  if (parsed === NOT_JSON) return 'not_json'
  if (!isObject(parsed)) return 'wrong_shape'
  const { timestamp, value } = parsed
  const at = instantOf(timestamp)
  if (at === undefined || typeof value !== 'number') return 'wrong_shape'
  if (value < 0) return 'negative'
  if (value > 100) return 'contradictory'
  return { at, value, known: hasOnly(parsed, FIELDS) }
}

const FIELDS = new Set(['timestamp', 'value', 'value_classification'])
const VALUE = doubleColumn('value')
