import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hourOf, openArchive } from '../helpers/archive.ts'
import { openBacktide, startWorker, type Backtide } from '../helpers/backtide.ts'
import { books } from '../helpers/books.ts'
import { ownServers } from '../helpers/servers.ts'

const servers = ownServers(import.meta.filename)
const archive = openArchive(servers.s3)
let backtide: Backtide

beforeAll(async () => {
  backtide = await openBacktide(servers)
})

afterAll(() => backtide[Symbol.asyncDispose]())

describe('without any worker', () => {
  it('a backfill is accepted in under a second, and its status says that nobody works', async () => {
    const day = servers.nextDay()
    const before = performance.now()
    const id = await backtide.start({
      dataset: 'hyperliquid.l2_book',
      coins: ['BTC'],
      from: '2023-05-01',
      to: '2025-05-01',
    })
    expect(performance.now() - before).toBeLessThan(1_000)
    const status = await backtide.status(id)
    expect(status).toMatchObject({ state: 'running', total: 731 * 24, workers: 0, counts: {} })
    expect(status.warnings.join()).toContain('no worker')
    const list = (await (await backtide.call('GET', '/backfills')).json()) as {
      backfills: object[]
    }
    expect(list.backfills).toContainEqual(expect.objectContaining({ id, state: 'running' }))
    expect(day).toBeDefined()
    await backtide.client.workflow.getHandle(id).terminate('for this test')
    expect(await backtide.ended(id)).toMatchObject({ state: 'terminated' })
  })
})

describe('a backfill that has left Temporal', () => {
  it('is still listed, has its status and its partitions, and its key is still taken', async () => {
    const day = servers.nextDay()
    const hour = hourOf(day, 0)
    await archive.putBooks('BTC', hour, books({ coin: 'BTC', hour, count: 10 }))
    const body = {
      dataset: 'hyperliquid.l2_book',
      coins: ['BTC'],
      from: `${day}T00:00:00Z`,
      to: `${day}T02:00:00Z`,
    }
    const key = { 'idempotency-key': `forgotten-${day}` }
    const id = await runToEnd(body, key)
    // A namespace that never saw the run is what Temporal is after its retention.
    await using later = await openBacktide({ ...servers, namespace: 'default' })

    const expected = { state: 'incomplete', counts: { complete: 1, missing: 1 }, rows: 10 }
    expect(await later.status(id)).toMatchObject(expected)
    const list = (await (await later.call('GET', '/backfills')).json()) as {
      backfills: object[]
    }
    expect(list.backfills).toContainEqual(expect.objectContaining({ id, ...expected }))
    const partitions = await later.call('GET', `/backfills/${id}/partitions`)
    expect(await partitions.json()).toMatchObject({
      partitions: [{ state: 'complete', rows: 10 }, { state: 'missing' }],
    })
    const again = await later.call('POST', '/backfills', body, key)
    expect(await again.json()).toMatchObject({ id, state: 'incomplete' })
    const other = await later.call('POST', '/backfills', { ...body, coins: ['ETH'] }, key)
    expect(other.status).toBe(422)
  })
})

async function runToEnd(body: object, key: Record<string, string>): Promise<string> {
  await using _ = await startWorker(servers)
  const answer = await backtide.call('POST', '/backfills', body, key)
  const { id } = (await answer.json()) as { id: string }
  await backtide.ended(id)
  return id
}
