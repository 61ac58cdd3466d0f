import fc from 'fast-check'
import { CSV_CHANGES, ODD_DECIMAL, PLAIN_DECIMAL, rarely } from './object-text.ts'

/** Start of the day of all generated trades, UTC milliseconds. */
export const TRADE_DAY = Date.UTC(2025, 0, 1)

const ODD_INTEGERS = ['', '-1', '+1', '007', '00', '1.0', '9007199254740991', '9007199254740992']
const [FIRST, END] = [TRADE_DAY * 1000, (TRADE_DAY + 86_400_000) * 1000]
const ODD_TIMES = [FIRST, FIRST - 1, END - 1, END, TRADE_DAY, END * 1000, END * 1e6].map(String)

/** A line of Binance's files as the venue writes it, in microseconds. */
export const PLAIN_TRADE_LINE = tradeLine({
  id: fc.nat(2_000_000_000).map(String),
  amount: fc.tuple(fc.nat(999_999), fc.nat(99_999_999)).map(([whole, part]) => {
    return `${whole}.${String(part).padStart(8, '0')}`
  }),
  // Few distinct times, so that many are equal.
  time: fc.nat(40).map((step) => String(TRADE_DAY * 1000 + step * 300)),
  boolean: fc.constantFrom('True', 'False', 'true', 'false'),
})

/** A line that is odd in one or another way, or not at all. */
export const ANY_TRADE_LINE = fc
  .tuple(
    tradeLine({
      id: rarely(fc.constantFrom(...ODD_INTEGERS), fc.nat(99).map(String)),
      amount: rarely(ODD_DECIMAL, PLAIN_DECIMAL, 12),
      time: rarely(
        fc.constantFrom(...ODD_INTEGERS, ...ODD_TIMES),
        fc.nat(40).map((step) => String(TRADE_DAY * 1000 + step * 300)),
      ),
      boolean: rarely(
        fc.constantFrom('TRUE', 'tRue', 'Truee', 'Tru', '', '1', 'null'),
        fc.constantFrom('True', 'False', 'true', 'false'),
      ),
    }),
    rarely(
      fc.constantFrom(...CSV_CHANGES, (text: string) => text.replace(/\d+/, '"$&"')),
      fc.constant((text: string) => text),
      9,
    ),
  )
  .map(([line, change]) => change(line))

interface Values {
  readonly id: fc.Arbitrary<string>
  readonly amount: fc.Arbitrary<string>
  readonly time: fc.Arbitrary<string>
  readonly boolean: fc.Arbitrary<string>
}

function tradeLine({ id, amount, time, boolean }: Values): fc.Arbitrary<string> {
  return fc
    .tuple(id, amount, amount, amount, time, boolean, boolean)
    .map((fields) => fields.join(','))
}
