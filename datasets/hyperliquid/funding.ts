import type { Dataset, ObjectContext, RecordReader, RecordSink, RejectReason } from '../dataset.ts'
import { doubleColumn, rowStart } from '../ilp/names.ts'
import { FUNDING } from '../unified/funding.ts'
import {
  checkInteger,
  checkIntegerSql,
  checkKeySql,
  checkProduct,
  checkRate,
  checkRateSql,
  checkRowSql,
} from '../values/checksum.ts'
import { parseDecimal } from '../values/decimal.ts'
import { coinOf, PERP, VENUE } from './archive.ts'
import { infoHistory } from './info-history.ts'
import { hasOnly, isCount, isObject, NOT_JSON, parseJson } from '../values/json-line.ts'

const CONSTANTS = { ...VENUE, market: 'perp', origin: 'rest' } as const

const MINUTE_MS = 60_000

/**
 * Rates as they were paid, every hour; until 8 June 2023 every eighth hour, for eight. What the venue
 * stamps some milliseconds after the hour stands at its minute.
 */
export const hyperliquidFunding: Dataset = {
  id: 'hyperliquid.funding',
  title:
    'Hyperliquid funding as it was paid: hourly, until 2023-06-08 a rate of eight hours every eighth',
  granularity: 'day',
  symbols: 'named',
  symbolPattern: PERP,
  coinOf,
  source: infoHistory('fundingHistory'),
  begins: Date.UTC(2023, 4, 12),
  finalAfterDays: 40,
  table: FUNDING,
  symbolColumn: 'symbol',
  constants: CONSTANTS,
  record: ['ts', 'symbol'],
  reachMs: 0,
  checksum: checkRowSql(checkKeySql([checkIntegerSql('ts')]), [
    checkRateSql('rate'),
    checkRateSql('premium'),
  ]),
  inexact: [],
  formats: [{ version: 1, container: 'none', createReader: (object) => new FundingReader(object) }],
}

/** Reader of the rates of a day. */
class FundingReader implements RecordReader {
  readonly #object: ObjectContext
  readonly #start: Buffer
  #payment: Payment | undefined

  constructor(object: ObjectContext) {
    this.#object = object
    this.#start = rowStart(FUNDING.name, { ...CONSTANTS, symbol: object.symbol })
  }

  parse(line: Buffer): true | RejectReason {
    const payment = parsePayment(line)
    if (typeof payment === 'string') return payment
    if (payment.coin !== this.#object.symbol) return 'wrong_symbol'
    const { from, to } = this.#object
    if (payment.time < from || payment.time >= to) return 'outside_partition'
    this.#payment = payment
    return true
  }

  write(records: RecordSink): void {
    const payment = this.#payment
    if (!payment) return
    const { time, rate, premium } = payment
    const ts = (time - (time % MINUTE_MS)) * 1000
    const { rows } = records
    rows.begin(this.#start)
    rows.double(RATE, rate)
    if (premium !== undefined) rows.double(PREMIUM, premium)
    rows.end(ts)
    const check = checkProduct(checkInteger(ts), 1 + checkRate(rate) + 2 * checkRate(premium))
    const { symbol } = this.#object
    records.commit({ ts, symbol, identity: '', rank: time, rows: 1, check })
    if (!payment.known) records.warn('unknown_field')
  }
}

interface Payment {
  readonly coin: string
  /** UTC milliseconds. */
  readonly time: number
  readonly rate: number
  /** Dead coins have none, or `"NaN"`. */
  readonly premium: number | undefined
  readonly known: boolean
}

/** `{"coin":"BTC","fundingRate":"0.0000025518","premium":"-0.0004795855","time":1785542400080}` */
function parsePayment(line: Buffer): Payment | RejectReason {
  const parsed = parseJson(line)
  if (parsed === NOT_JSON) return 'not_json'
  if (!isObject(parsed)) return 'wrong_shape'
  const { coin, time, fundingRate, premium = null } = parsed
  if (typeof coin !== 'string' || typeof fundingRate !== 'string') return 'wrong_shape'
  if (!isCount(time)) return 'wrong_shape'
  const rate = parseDecimal(fundingRate)
  if (typeof rate === 'string') return rate
  const known = hasOnly(parsed, FIELDS)
  const payment = { coin, time, rate, known }
  if (premium === null || premium === 'NaN') return { ...payment, premium: undefined }
  if (typeof premium !== 'string') return 'wrong_shape'
  const read = parseDecimal(premium)
  return typeof read === 'string' ? read : { ...payment, premium: read }
}

const FIELDS = new Set(['coin', 'time', 'fundingRate', 'premium'])

const RATE = doubleColumn('rate')
const PREMIUM = doubleColumn('premium')
