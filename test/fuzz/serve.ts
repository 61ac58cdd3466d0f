import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MAX_HEADERS } from '@backtide/api/app'
import { keepToken } from '@backtide/config/tokens'
import { backfillBody } from '@backtide/core/request'
import { registry } from '@backtide/datasets/registry'
import { getRequestListener } from '@hono/node-server'
import { openApi } from '../unit/api/open-api.ts'

// The API as its process serves it, over stores in memory: what is looked for lies in front of them.
const [token = ''] = process.argv.slice(2)
const tokens = [keepToken('fuzz', 'operate', token)]
const unlimited = { burst: Number.MAX_SAFE_INTEGER, perSecond: 1 }
const api = openApi({ tokens, limits: { requests: unlimited, backfills: unlimited } }, registry)
// The backfill whose id the document shows.
await api.post('/backfills', backfillBody.meta()?.['example'], { Authorization: `Bearer ${token}` })
const listener = getRequestListener(api.app.fetch)
const server = createServer({ maxHeaderSize: MAX_HEADERS }, (request, response) => {
  void listener(request, response)
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.stdout.write(`http://127.0.0.1:${port}\n`)
})
