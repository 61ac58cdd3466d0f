import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { FlowControl } from '@backtide/activities/flow/flow-control'
import { z } from 'zod'

const limits = z.strictObject({ loads: z.int().min(1).max(64) })

/** A body of limits is smaller than this; more is not read. */
const MOST_BYTES = 1_024

/**
 * `GET /limits` and `PUT /limits` (`{"loads":2}`) of one worker process, on 127.0.0.1 only: what it
 * does at once can be changed while it runs.
 */
export function createControlServer(flow: FlowControl): Server {
  return createServer((request, response) => {
    const reply = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    // A page in a browser on this machine must not reach it: a browser always names where it comes from.
    if (request.headers.origin !== undefined) return reply(403, { detail: 'not for browsers' })
    if (request.url !== '/limits') return reply(404, { detail: 'only /limits is here' })
    if (request.method === 'GET') return reply(200, flow.state)
    if (request.method !== 'PUT') return reply(405, { detail: 'GET or PUT' })
    readLimits(request).then(
      ({ loads }) => {
        flow.setMaximum(loads)
        reply(200, flow.state)
      },
      () => reply(422, { detail: 'expected {"loads": 1 to 64}' }),
    )
  })
}

async function readLimits(request: IncomingMessage): Promise<z.infer<typeof limits>> {
  let text = ''
  for await (const bytes of request) {
    text += String(bytes)
    if (text.length > MOST_BYTES) throw new RangeError('too long')
  }
  return limits.parse(JSON.parse(text))
}
