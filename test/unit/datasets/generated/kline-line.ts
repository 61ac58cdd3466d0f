import fc from 'fast-check'
import { ODD_DECIMAL, PLAIN_DECIMAL, rarely } from './object-text.ts'

/** A day of files in milliseconds and one of files in microseconds; starts are UTC milliseconds. */
export const KLINE_DAYS = [
  { from: Date.UTC(2024, 11, 31), unitsPerMs: 1 },
  { from: Date.UTC(2025, 0, 1), unitsPerMs: 1000 },
] as const

/** Days and intervals whose lines `klineLine` makes. */
export interface KlineDay {
  /** Start of the day, UTC milliseconds. */
  readonly from: number
  readonly unitsPerMs: number
  readonly interval: string
  readonly lengthMs: number
}

export const ANY_KLINE_DAY: fc.Arbitrary<KlineDay> = fc
  .tuple(
    fc.constantFrom(...KLINE_DAYS),
    fc.constantFrom<[string, number]>(
      ['1s', 1000],
      ['1m', 60_000],
      ['4h', 14_400_000],
      ['1d', 86_400_000],
    ),
  )
  .map(([day, [interval, lengthMs]]) => ({ ...day, interval, lengthMs }))

const COLUMNS = [
  'open_time',
  'open',
  'high',
  'low',
  'close',
  'volume',
  'close_time',
  'quote_volume',
  'count',
  'taker_buy_volume',
  'taker_buy_quote_volume',
  'ignore',
]

/** The columns of a file, and whether it has a header that says so. */
export interface KlineHeader {
  readonly columns: readonly string[]
  readonly shown: boolean
}

/** A header that is known, in any order, or none. */
export const ANY_KLINE_HEADER: fc.Arbitrary<KlineHeader> = fc.oneof(
  fc.constant({ columns: COLUMNS, shown: false }),
  fc.constant({ columns: COLUMNS, shown: true }),
  fc
    .shuffledSubarray(COLUMNS, { minLength: COLUMNS.length, maxLength: COLUMNS.length })
    .map((columns) => ({ columns, shown: true })),
)

/** A line as the archive has it. */
export function plainKlineLine(day: KlineDay, header: KlineHeader): fc.Arbitrary<string> {
  const ignore = fc.constantFrom('0', '', '7887.63274952')
  const opens = indexOf(day).map((index) => openOf(day, index))
  return lineOf(header, {
    times: opens.map((open) => [String(open), String(closeOf(day, open))]),
    amount: PLAIN_DECIMAL,
    count: fc.nat(10_000_000).map(String),
    ignore,
  })
}

/** A line that is odd in one or another way, or not at all. */
export function anyKlineLine(day: KlineDay, header: KlineHeader): fc.Arbitrary<string> {
  const plain = indexOf(day).map((index) => openOf(day, index))
  const open = rarely(
    fc.tuple(plain, fc.constantFrom(-1, 1, 0.5, 1000, -86_400_000)).map(([at, by]) => at + by),
    rarely(
      fc.constantFrom(0, 1e15, openOf(day, -1), openOf(day, 86_400_000 / day.lengthMs)),
      plain,
    ),
  )
  const times = open.chain((at) => {
    const close = fc.constantFrom(at, at + 1, closeOf(day, at) + 1, closeOf(day, at + 60_000))
    const texts = rarely(close, fc.constant(closeOf(day, at))).map((end) => [`${at}`, `${end}`])
    const odd = fc.constantFrom<string[]>(
      [`0${at}`, `${closeOf(day, at)}`],
      [`${at}`, ''],
      [`-${at}`, '1'],
    )
    return rarely(odd, texts)
  })
  const odd = fc.constantFrom('', '-1', '1.0', '9999999999', '12345678901234567', '007', '1e3')
  const line = lineOf(header, {
    times,
    amount: rarely(ODD_DECIMAL, PLAIN_DECIMAL, 40),
    count: rarely(odd, fc.nat(10_000_000).map(String)),
    ignore: fc.constantFrom('0', '', 'É', '"', 'a b', '1e999'),
  })
  const change = fc.constantFrom<(line: string) => string>(
    (text) => `${text},`,
    (text) => `,${text}`,
    (text) => text.slice(0, text.lastIndexOf(',')),
    (text) => text.slice(0, 40),
    (text) => text.replace(',', ';'),
    (text) => text.replace(/,(?=[^,]*$)/, '\r'),
    (text) => text.replaceAll(',', ', '),
  )
  return fc
    .tuple(line, rarely(change, fc.constant(undefined), 12))
    .map(([text, changed]) => (changed ? changed(text) : text))
}

/** The first candles of a day, so that some are there again, and its last. */
function indexOf({ lengthMs }: KlineDay): fc.Arbitrary<number> {
  const last = 86_400_000 / lengthMs - 1
  return rarely(fc.constant(last), fc.nat(Math.min(last, 30)))
}

function openOf({ from, unitsPerMs, lengthMs }: KlineDay, index: number): number {
  return (from + index * lengthMs) * unitsPerMs
}

function closeOf({ unitsPerMs, lengthMs }: KlineDay, open: number): number {
  return open + lengthMs * unitsPerMs - 1
}

interface Values {
  /** Of opening and closing. */
  readonly times: fc.Arbitrary<readonly string[]>
  readonly amount: fc.Arbitrary<string>
  readonly count: fc.Arbitrary<string>
  readonly ignore: fc.Arbitrary<string>
}

function lineOf({ columns }: KlineHeader, values: Values): fc.Arbitrary<string> {
  const fields = columns.map((name) => {
    if (name === 'open_time' || name === 'close_time') return fc.constant('')
    if (name === 'count') return values.count
    return name === 'ignore' ? values.ignore : values.amount
  })
  return fc.tuple(values.times, ...fields).map(([[open = '', close = ''], ...texts]) => {
    const line = [...texts]
    line[columns.indexOf('open_time')] = open
    line[columns.indexOf('close_time')] = close
    return line.join(',')
  })
}
