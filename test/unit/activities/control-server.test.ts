import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createFlowControl } from '@backtide/activities/flow/flow-control'
import { createControlServer } from '@backtide/worker/control-server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

describe('the limits of a worker', () => {
  const flow = createFlowControl({ maximum: 4 })
  const server = createControlServer(flow)
  let url: string

  beforeEach(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/limits`
  })

  afterEach(async () => {
    server.close()
    await once(server, 'close')
  })

  const put = (body: string, headers = {}) => fetch(url, { method: 'PUT', body, headers })

  it('are changed while it runs', async () => {
    expect((await put('{"loads":2}')).status).toBe(200)
    expect(flow.state).toMatchObject({ limit: 2, maximum: 2 })
    expect(await (await fetch(url)).json()).toMatchObject({ limit: 2, running: 0, waiting: 0 })
  })

  it.each([
    '{"loads":0}',
    '{"loads":65}',
    '{"loads":1.5}',
    '{"load":1}',
    '[]',
    'x',
    `"${'a'.repeat(2000)}"`,
  ])('are left alone by %s', async (body) => {
    flow.setMaximum(3)
    expect((await put(body)).status).toBe(422)
    expect(flow.state.maximum).toBe(3)
  })

  it('are not for web pages', async () => {
    flow.setMaximum(3)
    expect((await put('{"loads":2}', { origin: 'http://127.0.0.1:8484' })).status).toBe(403)
    expect(flow.state.maximum).toBe(3)
  })
})
