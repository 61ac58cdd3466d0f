import { HOUR_MS } from '@backtide/core/range'
import type { Dataset, ObjectContext } from '@backtide/datasets/dataset'
import { registry } from '@backtide/datasets/registry'
import { ensureTable } from '@backtide/store/schema/ensure-table'
import { createQuestDb } from '@backtide/store/questdb'
import { identifier, sql, trusted } from '@backtide/store/sql'
import { waitApplied } from '@backtide/store/wait-applied'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeObject, type Decoded } from '../contract/decode.ts'
import { fixturesOf } from '../contract/fixture.ts'
import { writeFrame } from '../contract/lz4-writer.ts'
import { writeZip } from '../contract/zip-writer.ts'
import { ownServers } from '../helpers/servers.ts'
import { anyBookLine, HOUR } from '../unit/datasets/generated/book-line.ts'
import { PLAIN_DECIMAL } from '../unit/datasets/generated/object-text.ts'
import { anyContextLine, ANY_HEADER, DAY } from '../unit/datasets/generated/context-line.ts'

const db = createQuestDb(ownServers(import.meta.filename).questdb)

/** What QuestDB makes of the rows of an object, in a table of its own. */
interface Stored {
  readonly rows: number
  readonly check: number
  readonly seams: number
  /** Rows that the view of the table shows. */
  readonly shown: number
}

async function store(dataset: Dataset, decoded: Decoded): Promise<Stored> {
  const name = nextName(dataset.table.name)
  const view = { ...dataset.table.view, name: `${name}_view` }
  await ensureTable(db, { ...dataset.table, name, view, more: [] })
  const text = decoded.bytes.toString('latin1').replaceAll(`${dataset.table.name},`, `${name},`)
  if (text !== '') await db.send(Buffer.from(text, 'latin1'))
  await waitApplied(db, name)
  const [row] = await db.query(
    sql`SELECT count(), sum(${trusted(dataset.checksum)}), sum(CASE WHEN seam = 0 THEN 0 ELSE 1 END)
      FROM ${identifier(name)}`,
  )
  const [shown] = await db.query(sql`SELECT count() FROM ${identifier(view.name)}`)
  const [rows = 0, check = 0, seams = 0] = (row ?? []).map(Number)
  return { rows, check, seams, shown: Number(shown?.[0]) }
}

let tables = 0

/** As long as the table's own, because rows name it in front of binary data. */
function nextName(table: string): string {
  return table.replace(/all$/, String(100 + tables++))
}

/** What the decoder says that QuestDB must find. */
function expected({ rows, tally }: Decoded): Stored {
  return {
    rows: tally.distinctRows,
    check: tally.check,
    seams: rows.filter(({ values }) => 'seam' in values).length,
    shown: rows.filter(({ values }) => values.level !== -1 && values.category !== 'none').length,
  }
}

function find(id: string): Dataset {
  const dataset = registry.find(id)
  if (!dataset) throw new Error(`${id} is not registered`)
  return dataset
}

function decodeLines(dataset: Dataset, object: ObjectContext, lines: readonly string[]): Decoded {
  const text = lines.map((line) => `${line}\n`).join('')
  return decodeObject(dataset, object, writeFrame(Buffer.from(text)))
}

describe.each(registry.all)('QuestDB sums the checks that the decoder of $id does', (dataset) => {
  it.each(fixturesOf(dataset))('over $name', async ({ object, input }) => {
    const decoded = decodeObject(dataset, object, input)
    expect(await store(dataset, decoded)).toEqual(expected(decoded))
  })
})

describe.each(['hyperliquid.l2_book', 'hyperliquid.l2_snapshot'])('and of %s', (id) => {
  it('over thousands of books of any depth and any numbers', async () => {
    const lines = fc.sample(anyBookLine('BTC'), { numRuns: 5000, seed: 20_250_101 })
    const object = { symbol: 'BTC', from: HOUR, to: HOUR + HOUR_MS }
    const decoded = decodeLines(find(id), object, lines)
    expect(decoded.tally.distinctRows).toBeGreaterThan(40)
    expect(await store(find(id), decoded)).toEqual(expected(decoded))
  })

  it('over amounts so large that their sum is beyond what an integer holds', async () => {
    const object = { symbol: 'BTC', from: HOUR, to: HOUR + HOUR_MS }
    const levels = AMOUNTS.flatMap((px) => AMOUNTS.map((sz) => ({ px, sz, n: 1 })))
    const lines = inGroups(levels, 20).map((bids, at) => {
      const data = { coin: 'BTC', time: HOUR + at, levels: [bids, []] }
      return JSON.stringify({
        time: new Date(HOUR + at).toISOString().slice(0, -1),
        ver_num: 1,
        raw: { channel: 'l2Book', data },
      })
    })
    const decoded = decodeLines(find(id), object, lines)
    expect(decoded.tally.rejected).toEqual({})
    expect(await store(find(id), decoded)).toEqual(expected(decoded))
  })
})

/** Up to, at and beyond 2^53 and 2^63, in units of 10^-8. */
const AMOUNTS = [
  '0',
  '0.00000001',
  '3',
  '90071992.54740991',
  '90071992.54740992',
  '30744573456.1',
  '46116860184.2',
  '46116860184.27388',
  '92233720368.54775',
  '92233720368.54776',
  '92233720369',
  '1e300',
]

function inGroups<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) =>
    all.slice(at * size, (at + 1) * size),
  )
}

describe('and of hyperliquid.asset_ctxs', () => {
  it('over thousands of rows of any numbers, none included', async () => {
    const [header = []] = fc.sample(
      ANY_HEADER.filter(({ length }) => length === 12),
      { numRuns: 1, seed: 7 },
    )
    const lines = fc.sample(anyContextLine(header), { numRuns: 5000, seed: 20_250_101 })
    const object = { symbol: '*', from: DAY, to: DAY + 24 * HOUR_MS }
    const dataset = find('hyperliquid.asset_ctxs')
    const decoded = decodeLines(dataset, object, [header.join(','), ...lines])
    expect(decoded.tally.distinctRows).toBeGreaterThan(100)
    expect(await store(dataset, decoded)).toEqual(expected(decoded))
  })
})

describe('and of binance.klines', () => {
  it('over a day of any numbers, and of ones beyond what an integer holds', async () => {
    const from = Date.UTC(2025, 0, 1)
    const amounts = fc.oneof(PLAIN_DECIMAL, fc.constantFrom(...AMOUNTS))
    const count = fc.oneof(fc.nat(), fc.constantFrom(0, Number.MAX_SAFE_INTEGER))
    const values = fc.tuple(fc.array(amounts, { minLength: 8, maxLength: 8 }), count)
    const lines = fc
      .sample(values, { numRuns: 1440, seed: 20_250_101 })
      .map(([all, trades], at) => {
        const open = (from + at * 60_000) * 1000
        const [quote, ...taken] = all.slice(5)
        return [open, ...all.slice(0, 5), open + 59_999_999, quote, trades, ...taken, 0].join(',')
      })
    const dataset = find('binance.klines')
    const object = { symbol: 'BTCUSDT 1m', from, to: from + 24 * HOUR_MS }
    const text = lines.map((line) => `${line}\n`).join('')
    const decoded = decodeObject(dataset, object, writeZip([Buffer.from(text)]))
    expect(decoded.tally).toMatchObject({ distinctRows: 1440, rejected: {} })
    expect(await store(dataset, decoded)).toEqual(expected(decoded))
  })
})
