import { HOUR_MS } from '@backtide/core/range'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keyOf, openHistory } from '../chaos/archive/history.ts'
import { versionOf } from '../chaos/archive/version.ts'
import { checkEverything, type CheckResult } from '../chaos/checker/check.ts'
import { LAYOUTS } from '../chaos/checker/layouts.ts'
import { askAt } from '../chaos/checker/read.ts'
import { describeDifferences } from '../chaos/checker/report.ts'
import { hourOf, openArchive } from '../helpers/archive.ts'
import { openBacktide, startWorker, type Backtide } from '../helpers/backtide.ts'
import { bookLine, books } from '../helpers/books.ts'
import { ownServers } from '../helpers/servers.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const servers = ownServers(import.meta.filename)
const coins = ['BTC', 'ETH']
const from = hourOf(servers.nextDay(), 4)
const range = { from, to: from + 2 * HOUR_MS }
const places = coins.flatMap((coin) => [
  { coin, hour: from },
  { coin, hour: from + HOUR_MS },
])
const history = openHistory(places, openArchive(servers.s3))
const ask = askAt(servers.questdb.replace('http::addr=', 'http://').replace(';', ''))
/** A book of the first object, far from its edges. */
const ts = new Date(from + HOUR_MS / 2 - 350).toISOString()
let backtide: Backtide
let worker: AsyncDisposable

beforeAll(async () => {
  backtide = await openBacktide(servers)
  worker = await startWorker(servers)
  for (const place of places) await history.put(plainVersion(place, 1))
  for (const { dataset } of LAYOUTS) {
    const [start, end] = [range.from, range.to].map((ms) => new Date(ms).toISOString())
    await backtide.ended(await backtide.start({ dataset, coins, from: start, to: end }))
  }
})

afterAll(async () => {
  await worker[Symbol.asyncDispose]()
  await backtide[Symbol.asyncDispose]()
})

describe('the checker of chaos', () => {
  it('finds nothing wrong with a healthy set, and looks at every row of it', async () => {
    const count = places.length * 20
    const result = await check()
    expect(describeDifferences(result)).toEqual([])
    expect(result.rows).toBe(count + count * 2 * 3)
  })

  it('sees a wrong value', async () => {
    await ask(
      `UPDATE l2_snapshot_all SET quantity = 12345.5
       WHERE ticker = 'BTC' AND ts = '${ts}' AND side = 'bid' AND level = 1`,
    )
    const { wrongRows } = await checkUntil(({ wrongRows: all }) => all.length === 1)
    expect(wrongRows).toMatchObject([{ kind: 'different', dataset: 'hyperliquid.l2_snapshot' }])
    expect(wrongRows[0]?.found).toContain('12345.5')
  })

  it('sees a missing row', async () => {
    await ask(`UPDATE l2_book_all SET dead = 2::byte WHERE symbol = 'BTC' AND ts = '${ts}'`)
    const { wrongRows } = await checkUntil(({ wrongRows: all }) => all.length === 2)
    expect(wrongRows).toMatchObject([{ kind: 'missing', dataset: 'hyperliquid.l2_book' }, {}])
  })

  it('sees a surplus row', async () => {
    await ask(
      `INSERT INTO l2_snapshot_all (ts, ticker, side, level, price, quantity, seam, dead)
       VALUES ('${ts}', 'BTC', 'ask', 3, 1.5, 2.5, 0, 0)`,
    )
    const { wrongRows } = await checkUntil(({ wrongRows: all }) => all.length === 3)
    expect(wrongRows.map(({ kind }) => kind)).toEqual(['missing', 'different', 'surplus'])
  })

  it('sees a wrong state', async () => {
    const key = keyOf({ coin: 'ETH', hour: from })
    await ask(`UPDATE ledger SET state = 'missing' WHERE object = '${key}' AND ${inRange()}`)
    const { wrongStates } = await checkUntil(({ wrongStates: all }) => all.length === 2)
    expect(wrongStates.map(({ object }) => object)).toEqual([key, key])
    expect(wrongStates[0]?.wrong).toBe('missing, expected complete (20 lines)')
  })

  it('sees an object that changed and was not loaded again', async () => {
    await history.put(plainVersion({ coin: 'ETH', hour: from + HOUR_MS }, 2))
    const { wrongRows, wrongStates } = await check()
    expect(wrongStates).toHaveLength(4)
    expect(wrongStates[1]?.wrong).toContain('etag of an earlier version')
    expect(wrongRows.length).toBeGreaterThan(100)
  })
})

function plainVersion(place: { readonly coin: string; readonly hour: number }, seed: number) {
  return versionOf(place, books({ ...place, count: 20, depth: 3, seed }).map(bookLine))
}

function check(): Promise<CheckResult> {
  return checkEverything({ ask, history, scope: { coins, range }, now: Date.now() })
}

/** QuestDB applies what was planted a moment later. */
function checkUntil(ready: (result: CheckResult) => boolean): Promise<CheckResult> {
  return waitUntil('what was planted to be seen', async () => {
    const result = await check()
    return ready(result) && result
  })
}

function inRange(): string {
  const [start, end] = [range.from, range.to].map((ms) => new Date(ms).toISOString())
  return `partition_ts >= '${start}' AND partition_ts < '${end}'`
}
