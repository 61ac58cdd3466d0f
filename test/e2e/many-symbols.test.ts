import { writeLedger } from '@backtide/store/ledger/write-ledger'
import { createStore } from '@backtide/store/store'
import { beforeAll, describe, expect, it } from 'vitest'
import { ownServers } from '../helpers/servers.ts'
import { ledgerRow } from '../unit/api/fake-ledger.ts'

const { questdb, nextDay } = ownServers(import.meta.filename)
const store = createStore({ conf: questdb })
const day = Date.parse(nextDay())
const HOUR_MS = 3_600_000

/** More than one statement can name: QuestDB drops the connection of one of 32 KB. */
const symbols = Array.from({ length: 5_000 }, (_, index) => `@${index + 10_000}`)
const dataset = 'test.many_symbols'
const scope = { dataset, symbols, range: { from: day, to: day + 2 * HOUR_MS } }

beforeAll(async () => {
  await store.ensureTables([])
  const rows = [day + HOUR_MS, day].flatMap((partition) =>
    symbols.toReversed().map((symbol, index) =>
      ledgerRow({
        dataset,
        partition,
        symbol,
        object: `${index % 10}/${symbol}`,
        state: index % 2 === 0 ? 'complete' : 'missing',
      }),
    ),
  )
  await writeLedger(store.db, rows)
})

describe('five thousand symbols', () => {
  it('are summed up as one scope', async () => {
    const summary = await store.summariseLedger({ ...scope, backfillId: 'earlier' })
    expect(summary).toEqual({
      counts: { complete: 5_000, missing: 5_000 },
      rows: 100_000,
      bytes: 1_000_000,
      own: { objects: 10_000, rows: 100_000 },
    })
  })

  it('are one line of coverage a day', async () => {
    expect(await store.coverLedger(scope, 'day')).toEqual([
      { at: day, counts: { complete: 5_000, missing: 5_000 }, rows: 100_000 },
    ])
  })

  it('are listed in order, page by page, each object once', async () => {
    const seen: string[] = []
    let after: { partition: number; object: string } | undefined
    for (;;) {
      const page = await store.listLedger({ ...scope, limit: 3_000, ...(after && { after }) })
      seen.push(...page.map(({ partition, object }) => `${partition} ${object}`))
      after = page.at(-1)
      if (page.length < 3_000) break
    }
    expect(seen).toHaveLength(10_000)
    expect(seen).toEqual([...new Set(seen)].toSorted())
  })
})
