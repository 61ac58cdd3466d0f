import { WorkflowNotFoundError } from '@temporalio/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hourOf, openArchive } from '../helpers/archive.ts'
import { openBacktide, startWorker, type Backtide } from '../helpers/backtide.ts'
import { books } from '../helpers/books.ts'
import { ownServers } from '../helpers/servers.ts'
import { waitUntil } from '../helpers/wait-until.ts'

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
  const day = servers.nextDay()
  const key = { 'idempotency-key': `forgotten-${day}` }
  const body = {
    dataset: 'hyperliquid.l2_book',
    coins: ['BTC'],
    from: `${day}T00:00:00Z`,
    to: `${day}T02:00:00Z`,
  }
  /** One that recorded its end, and one that could not. */
  let [id, unfinished] = ['', '']
  beforeAll(async () => {
    const hour = hourOf(day, 0)
    await archive.putBooks('BTC', hour, books({ coin: 'BTC', hour, count: 10 }))
    id = await runToEnd(body, key)
    unfinished = await backtide.start({ ...body, coins: ['SOL'] })
    await backtide.client.workflow.getHandle(unfinished).terminate('nobody looks')
    // Temporal takes its time: both at once.
    await Promise.all([id, unfinished].map(forget))
  })

  it('is still listed, has its status and its partitions, and its key is still taken', async () => {
    const expected = { state: 'incomplete', counts: { complete: 1, missing: 1 }, rows: 10 }
    expect(await backtide.status(id)).toMatchObject(expected)
    const list = (await (await backtide.call('GET', '/backfills')).json()) as {
      backfills: object[]
    }
    expect(list.backfills).toContainEqual(expect.objectContaining({ id, ...expected }))
    const partitions = await backtide.call('GET', `/backfills/${id}/partitions`)
    expect(await partitions.json()).toMatchObject({
      partitions: [{ state: 'complete', rows: 10 }, { state: 'missing' }],
    })
    const again = await backtide.call('POST', '/backfills', body, key)
    expect(await again.json()).toMatchObject({ id, state: 'incomplete' })
    const other = await backtide.call('POST', '/backfills', { ...body, coins: ['ETH'] }, key)
    expect(other.status).toBe(422)
    await expect(backtide.client.workflow.getHandle(id).describe()).rejects.toThrow(
      WorkflowNotFoundError,
    )
  })

  it('before anybody knew of its end is terminated, not running for ever', async () => {
    expect(await backtide.status(unfinished)).toMatchObject({
      state: 'terminated',
      reason: expect.stringContaining('does not know this backfill any more'),
    })
  })
})

/** Has Temporal drop a closed run, as it does by itself after its retention. */
async function forget(workflowId: string): Promise<void> {
  const { workflow } = backtide.client
  const workflowExecution = { workflowId }
  await waitUntil(`${workflowId} to be closed`, async () => {
    return (await workflow.getHandle(workflowId).describe()).status.name !== 'RUNNING'
  })
  await workflow.workflowService.deleteWorkflowExecution({
    namespace: servers.namespace,
    workflowExecution,
  })
  await waitUntil(`${workflowId} to be forgotten`, async () => {
    const found = workflow.getHandle(workflowId).describe()
    return await found.then(
      () => false,
      (error: unknown) => error instanceof WorkflowNotFoundError,
    )
  })
}

async function runToEnd(body: object, key: Record<string, string>): Promise<string> {
  await using _ = await startWorker(servers)
  const answer = await backtide.call('POST', '/backfills', body, key)
  const { id } = (await answer.json()) as { id: string }
  await backtide.ended(id)
  return id
}
