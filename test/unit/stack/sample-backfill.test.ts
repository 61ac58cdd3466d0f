import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { runSampleBackfill } from '@backtide/stack/sample/backfill'
import { describe, expect, it, onTestFinished } from 'vitest'

const STATUS = {
  id: 'k-1',
  state: 'incomplete',
  reprocess: 'incomplete',
  total: 72,
  remaining: 0,
  rows: 9,
  own: { objects: 72, rows: 9 },
  rate: null,
  retrying: [],
}
const ENDED = { ...STATUS, etaSeconds: null, counts: { complete: 71, missing: 1 }, warnings: [] }

describe('the sample backfill', () => {
  it('is summed up when every object is loaded or explained', async () => {
    const { problem, summary } = (await run(() => ENDED)) ?? {}
    expect(problem).toBeUndefined()
    expect(summary).toMatchObject({ backfillId: 'k-1', objects: ENDED.counts, rows: 9 })
  })

  it('names how many objects it left without an explanation', async () => {
    const end = await run(() => ({ ...ENDED, remaining: 2, counts: { complete: 69, failed: 1 } }))
    expect(end?.problem).toBe('The sample backfill left 3 of 72 objects unexplained.')
  })

  it('is not followed any more once the stack is being stopped, and nothing is said of that', async () => {
    const stop = new AbortController()
    const said: string[] = []
    const end = await run(
      () => {
        stop.abort()
        return { ...ENDED, state: 'running' }
      },
      { stopping: stop.signal, say: (line) => said.push(line) },
    )
    expect(end).toBeUndefined()
    expect(said).toEqual([expect.stringContaining('Backfill k-1')])
  })

  it('that the API refuses is an error with its reason', async () => {
    const refused = run(() => ({ title: 'no', detail: 'no such dataset' }), {}, 400)
    await expect(refused).rejects.toMatchObject({
      exitCode: 4,
      message: 'The sample backfill: no such dataset',
    })
  })
})

/** Runs it against an API that takes the request and answers every look with a status. */
async function run(
  look: () => unknown,
  options: Partial<Parameters<typeof runSampleBackfill>[0]> = {},
  code = 200,
) {
  const server = createServer((request, response) => {
    const body = request.method === 'POST' && code === 200 ? ENDED : look()
    response.writeHead(code).end(JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const stopping = new AbortController().signal
  return await runSampleBackfill({ api, say: () => {}, stopping, ...options })
}
