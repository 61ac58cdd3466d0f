import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { createReadiness, type CheckReadiness } from '@backtide/worker/readiness'
import { startStatusServer } from '@backtide/worker/status-server'
import type { Source } from '@backtide/datasets/dataset'
import { reservePort } from '@backtide/worker/core-metrics'
import { expect, describe, it, onTestFinished } from 'vitest'

const BUCKET = { name: 'bucket', kind: 's3', region: 'us-east-1' } as unknown as Source
const yes = () => Promise.resolve()
const silent = () => new Promise<never>(() => {})
const failing: CheckReadiness = () => Promise.reject(new Error('not asked'))

/** An S3 that refuses whoever asks, as AWS does without a signature. */
async function refusingS3(): Promise<string> {
  const server = createServer((_, response) => response.writeHead(403).end())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function files(baseUrl: string): Source {
  return { name: 'files', kind: 'http', baseUrl } as unknown as Source
}

async function serve(check: CheckReadiness, host = '127.0.0.1') {
  const port = await reservePort()
  const server = await startStatusServer({
    host,
    port,
    check,
    metrics: () => Promise.resolve('# none\n'),
  })
  onTestFinished(() => server.close())
  return `http://127.0.0.1:${port}`
}

describe('A worker is ready', () => {
  it('when Temporal, QuestDB and S3 answer; a 403 is an answer', async () => {
    const endpoint = await refusingS3()
    const check = createReadiness({ temporal: yes, questdb: yes, sources: [BUCKET], endpoint })
    expect(await check()).toEqual({
      ready: true,
      temporal: { up: true },
      questdb: { up: true },
      sources: [{ name: 'bucket', kind: 's3', up: true }],
    })
  })

  it('not while S3 is away: it says so, with the cause', async () => {
    const endpoint = `http://127.0.0.1:${await reservePort()}`
    const check = createReadiness({ temporal: yes, questdb: yes, sources: [BUCKET], endpoint })
    const url = await serve(check)
    const answer = await fetch(`${url}/ready`)
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({
      ready: false,
      sources: [{ name: 'bucket', up: false, detail: expect.stringContaining('ECONNREFUSED') }],
    })
    expect((await fetch(`${url}/health`)).status).toBe(200)
  })

  it('all the same while a file host is away, which it names', async () => {
    const host = files(`http://127.0.0.1:${await reservePort()}/`)
    const check = createReadiness({ temporal: yes, questdb: yes, sources: [host] })
    expect(await check()).toMatchObject({ ready: true, sources: [{ name: 'files', up: false }] })
  })

  it('not while something is silent, and says so in seconds', async () => {
    const check = createReadiness({ temporal: silent, questdb: yes, sources: [] })
    const since = performance.now()
    expect(await check()).toMatchObject({
      ready: false,
      temporal: { up: false, detail: expect.stringContaining('no answer in') },
      questdb: { up: true },
    })
    expect(performance.now() - since).toBeLessThan(5_000)
  })

  it('as it was a moment ago: nobody is asked for each who asks', async () => {
    let asked = 0
    const questdb = () => Promise.resolve(void (asked += 1))
    const check = createReadiness({ temporal: yes, questdb, sources: [] })
    await Promise.all([check(), check()])
    await check()
    expect(asked).toBe(1)
  })
})

describe("A worker's port", () => {
  it('answers nobody who calls it by the name of another host', async () => {
    const url = await serve(failing)
    const { port } = new URL(url)
    const headers = { host: 'evil.test' }
    const asked = get({ host: '127.0.0.1', port, path: '/metrics', headers })
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    expect(answer.resume().statusCode).toBe(421)
    expect((await fetch(`${url}/metrics`)).status).toBe(200)
  })

  it('takes GET only, has three pages, and survives a check that fails', async () => {
    const url = await serve(failing)
    expect((await fetch(`${url}/health`, { method: 'POST' })).status).toBe(405)
    expect((await fetch(`${url}/other`)).status).toBe(404)
    expect((await fetch(`${url}/ready`)).status).toBe(500)
  })
})
