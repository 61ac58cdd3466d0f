import fc from 'fast-check'
import { ODD_DECIMAL, PLAIN_DECIMAL, rarely } from './object-text.ts'

/** Start of the hour of all generated books, UTC milliseconds. */
export const HOUR = Date.UTC(2025, 0, 1)

/** A line of the archive as the venue writes it. */
export function plainBookLine(coin: string): fc.Arbitrary<string> {
  return bookModel(coin, { decimal: PLAIN_DECIMAL, count: fc.nat(99), depth: DEPTH }).map(
    (book) => {
      return JSON.stringify(book)
    },
  )
}

/** A line that is odd in one or another way, or not at all. */
export function anyBookLine(coin: string): fc.Arbitrary<string> {
  const decimal = rarely<unknown>(
    fc.oneof(ODD_DECIMAL, fc.double(), fc.constantFrom(null, true, [], 7)),
    PLAIN_DECIMAL,
  )
  const count = rarely<unknown>(
    fc.constantFrom(-1, 1.5, '3', null, 1e9, 2 ** 53, 1e300, 0),
    fc.nat(99),
  )
  const depth = rarely(fc.constantFrom(31, 32, 33), DEPTH)
  const model = bookModel(coin, { decimal, count, depth })
  const changed = fc.tuple(model, rarely(MODEL_CHANGE, fc.constant(undefined), 3))
  const text = changed.map(([book, change]) => JSON.stringify(change ? change(book) : book))
  return fc
    .tuple(text, rarely(TEXT_CHANGE, fc.constant(undefined), 3))
    .map(([line, change]) => (change ? change(line) : line))
}

interface Values {
  readonly decimal: fc.Arbitrary<unknown>
  readonly count: fc.Arbitrary<unknown>
  readonly depth: fc.Arbitrary<number>
}

/** The venue sends 20 levels; few are enough to be wrong in every way. */
const DEPTH = fc.oneof({ weight: 4, arbitrary: fc.nat(3) }, fc.integer({ min: 9, max: 21 }))

interface Book {
  readonly time: unknown
  readonly ver_num: unknown
  readonly raw: {
    readonly channel: unknown
    readonly data: { readonly coin: unknown; readonly time: unknown; readonly levels: unknown }
  }
}

function bookModel(coin: string, { decimal, count, depth }: Values): fc.Arbitrary<Book> {
  const level = fc.record({ px: decimal, sz: decimal, n: count }, { noNullPrototype: true })
  const side = depth.chain((length) => fc.array(level, { minLength: length, maxLength: length }))
  const parts = fc.record({ time: RECEIVED, ts: TS, bids: side, asks: side })
  return parts.map(({ time, ts, bids, asks }) => ({
    time,
    ver_num: 1,
    raw: { channel: 'l2Book', data: { coin, time: ts, levels: [bids, asks] } },
  }))
}

/** Few distinct times, so that many are equal. */
const TS = fc.nat(40).map((step) => HOUR - 5000 + step * 300)

const RECEIVED = fc
  .tuple(
    fc.nat(59),
    fc.constantFrom('', '.5', '.120000001', '.000000000', '.1234567', '.999999999'),
  )
  .map(
    ([second, decimals]) =>
      `${new Date(HOUR + second * 1000).toISOString().slice(0, 19)}${decimals}`,
  )

type ModelChange = (book: Book) => unknown

const ODD_TIMES = [
  '2025-01-01T00:00:01Z',
  '2025-01-01T01:04:59.999999999',
  '2024-12-31T23:55:00',
  '2025-01-01T01:05:00',
  '2024-12-31T23:54:59.9',
  '2025-01-01T00:00:60',
  '2025-02-30T00:00:00',
  '2025-01-01T00:00:01.',
  '2025-01-01T00:00:01.1234567890',
  '2025-01-01T24:00:00',
  '2025-01-01',
  '1969-12-31T23:59:59',
  '1970-01-01T00:00:00',
  '2025-01-01t00:00:00',
  '',
  7,
  null,
]

const MODEL_CHANGE: fc.Arbitrary<ModelChange> = fc.oneof(
  fc.constantFrom(...ODD_TIMES).map((time): ModelChange => (book) => ({ ...book, time })),
  fc.constantFrom(2, '1', null, undefined, 1.5).map((ver_num): ModelChange => {
    return (book) => ({ ...book, ver_num })
  }),
  fc.constantFrom('trades', 'l2book', '', 7, null).map((channel): ModelChange => {
    return (book) => ({ ...book, raw: { ...book.raw, channel } })
  }),
  changeData(fc.record({ coin: fc.constantFrom('BTC', 'btc', 'BTCX', '', 7, null, 'É') })),
  changeData(
    fc.record({ time: fc.constantFrom(-1, 0, 1, 1.5, 1e12, 9_007_199_254_740, 9e15, '1', null) }),
  ),
  changeData(
    fc.record({ levels: fc.constantFrom<unknown>([], [[]], [[], [], []], [[], {}], null, {}) }),
  ),
  changeData(fc.constant({ seq: 1 })),
  fc.constant<ModelChange>((book) => ({ seq: 'é', ...book })),
  fc.constant<ModelChange>((book) => ({ ...book, raw: { ...book.raw, seq: [] } })),
  fc.constant<ModelChange>(({ time, ver_num, raw }) => ({ raw, ver_num, time })),
  fc.constant<ModelChange>(({ raw }) => raw),
)

function changeData(change: fc.Arbitrary<object>): fc.Arbitrary<ModelChange> {
  return change.map((fields): ModelChange => {
    return (book) => ({ ...book, raw: { ...book.raw, data: { ...book.raw.data, ...fields } } })
  })
}

type TextChange = (line: string) => string

/** Same JSON in other words, JSON that is none, and whatever a cut leaves. */
const TEXT_CHANGE: fc.Arbitrary<TextChange> = fc.oneof(
  fc.constantFrom<TextChange>(
    (line) => line.replaceAll(':', ': '),
    (line) => ` ${line}\t`,
    (line) => line.replace('l2Book', String.raw`l2\u0042ook`),
    (line) => line.replace('"coin"', String.raw`"c\u006fin"`),
    (line) => line.replace('B', String.raw`\u0042`),
    (line) => line.replace(/"n":(\d+)/, '"n":0$1'),
    (line) => line.replace(/"n":(\d+)/, '"n":$1.0'),
    (line) => line.replace(/"n":(\d+)/, '"n":$1e0'),
    (line) => line.replace(/"px":"([^"]*)"/, '"px":$1'),
    (line) => line.replace('},{', '},{"liq":null,'),
    (line) => line.replace('"px"', '"px":"1","px"'),
    (line) => line.replace(/\{("px":[^,]*),("sz":[^,]*)/, '{$2,$1'),
    (line) => line.replace('}]', '},]'),
    (line) => `${line}}`,
    (line) => line + line,
    (line) => line.replace(/"time":(\d)/, '"time":0$1'),
    (line) => line.replace(/"time":\d/, '"time":0'),
    (line) => line.replace(/"time":(\d+)/, '"time":$1.0'),
  ),
  fc.nat(400).map(
    (length): TextChange =>
      (line) =>
        line.slice(0, length),
  ),
  fc.nat(40).map(
    (length): TextChange =>
      (line) =>
        line.slice(0, -length),
  ),
)
