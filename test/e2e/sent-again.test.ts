import { hyperliquidL2Snapshot } from '@backtide/datasets/hyperliquid/l2-snapshot'
import { describe, expect, it } from 'vitest'
import { hourOf, openArchive } from '../helpers/archive.ts'
import { books } from '../helpers/books.ts'
import { openLoader } from '../helpers/loader.ts'
import { expectedSnapshot, snapshotRows } from '../helpers/rows.ts'
import { ownServers } from '../helpers/servers.ts'

const servers = ownServers(import.meta.filename)
const archive = openArchive(servers.s3)
const HOUR_MS = 3_600_000

describe('hours that are out of order by more than the window', () => {
  it('are all sent again, however few of them one transaction takes', async () => {
    const limits = { reorderBytes: 1, bodyBytes: 64 * 1024, transactionBytes: 1 }
    await using loader = openLoader(
      servers,
      hyperliquidL2Snapshot,
      hyperliquidL2Snapshot.id,
      limits,
    )
    const day = servers.nextDay(2)
    const from = hourOf(day, 5)
    const hours = [0, 1, 2, 3, 4, 5, 6, 7].map((index) =>
      books({ coin: 'BTC', hour: from + index * HOUR_MS, count: 60 }).toReversed(),
    )
    for (const [index, some] of hours.entries()) {
      await archive.putBooks('BTC', from + index * HOUR_MS, some)
    }
    const partitions = { from, to: from + 8 * HOUR_MS }
    const work = { dataset: hyperliquidL2Snapshot.id, symbols: ['BTC'], reprocess: 'all' } as const
    const loaded = await loader.load({ ...work, partitions })
    expect(loaded).toEqual({ counts: { complete: 8 }, rows: 8 * 60 * 40, until: partitions.to })
    expect(await snapshotRows(loader.store, 'BTC', day)).toEqual(expectedSnapshot(hours.flat()))
  })
})
