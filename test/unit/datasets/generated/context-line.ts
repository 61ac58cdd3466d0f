import fc from 'fast-check'
import { CSV_CHANGES, ODD_DECIMAL, PLAIN_DECIMAL, rarely } from './object-text.ts'

/** Start of the day of all generated rows, UTC milliseconds. */
export const DAY = Date.UTC(2025, 0, 1)

const COLUMNS = [
  'time',
  'coin',
  'funding',
  'open_interest',
  'prev_day_px',
  'day_ntl_vlm',
  'premium',
  'oracle_px',
  'mark_px',
  'mid_px',
  'impact_bid_px',
  'impact_ask_px',
]

/** A header with its columns in any order, rarely not the known ones. */
export const ANY_HEADER = rarely<string[]>(
  fc.constantFrom<string[]>(['time', 'coin'], [...COLUMNS, 'new'], [...COLUMNS, 'coin']),
  fc.oneof(
    fc.constant(COLUMNS),
    fc.shuffledSubarray(COLUMNS, { minLength: COLUMNS.length, maxLength: COLUMNS.length }),
  ),
)

/** A row under a header, as the archive has it. */
export function plainContextLine(header: readonly string[]): fc.Arbitrary<string> {
  return contextLine(header, { time: TIME, coin: COIN, number: PLAIN_NUMBER })
}

/** A row that is odd in one or another way, or not at all. */
export function anyContextLine(header: readonly string[]): fc.Arbitrary<string> {
  const number = rarely(fc.oneof(ODD_DECIMAL, ODD_NUMBER), PLAIN_NUMBER, 12)
  const time = rarely(fc.constantFrom(...ODD_TIMES), TIME, 9)
  const coin = rarely(fc.constantFrom('', '..', 'a b', 'É', '"BTC"', 'x'.repeat(41)), COIN)
  const line = contextLine(header, { time, coin, number })
  const change = fc.constantFrom(...CSV_CHANGES)
  return fc
    .tuple(line, rarely(change, fc.constant(undefined), 9))
    .map(([text, changed]) => (changed ? changed(text) : text))
}

interface Values {
  readonly time: fc.Arbitrary<string>
  readonly coin: fc.Arbitrary<string>
  readonly number: fc.Arbitrary<string>
}

function contextLine(header: readonly string[], values: Values): fc.Arbitrary<string> {
  const fields = header.map((name) => {
    if (name === 'time') return values.time
    return name === 'coin' ? values.coin : values.number
  })
  return fc.tuple(...fields).map((texts) => texts.join(','))
}

const COIN = fc.constantFrom('BTC', 'ETH', 'kPEPE', 'PURR/USDC', '@107', 'xyz:TSLA')

const TIME = fc
  .tuple(fc.nat(5), fc.constantFrom('', ':17', ':59.5', ':17.250', ':00.123456'))
  .map(([minute, rest]) => `2025-01-01T00:0${minute}${rest === '' ? ':00' : rest}Z`)

const ODD_TIMES = [
  '2025-01-01T00:00:00',
  '2025-01-02T00:04:59.999999Z',
  '2025-01-02T00:05:00Z',
  '',
  '2025-01-01T00:00:00.0000001Z',
  '2025-01-01T00:00:00.000000000Z',
  '2025-13-01T00:00:00Z',
]

const PLAIN_NUMBER = fc.oneof(
  { weight: 6, arbitrary: PLAIN_DECIMAL },
  { weight: 2, arbitrary: fc.constantFrom('', 'null', '0', '0.0') },
)

const ODD_NUMBER = fc.oneof(
  PLAIN_DECIMAL.map((text) => `-${text}`),
  fc.constantFrom('-', '--1', '-0.0', '-null', 'nul', 'nullx', '"1"', '1e-7', '-1e-7'),
)
