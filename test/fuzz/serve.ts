import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MAX_HEADERS } from '@backtide/api/app'
import { backfillBody } from '@backtide/core/request'
import { registry } from '@backtide/datasets/registry'
import { getRequestListener } from '@hono/node-server'
import { openApi } from '../unit/api/open-api.ts'

// The API as its process serves it, over stores in memory: what is looked for lies in front of them.
const api = openApi({}, registry)
// The backfill whose id the document shows.
await api.post('/backfills', backfillBody.meta()?.['example'])
const listener = getRequestListener(api.app.fetch)
const server = createServer({ maxHeaderSize: MAX_HEADERS }, (request, response) => {
  void listener(request, response)
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.stdout.write(`http://127.0.0.1:${port}\n`)
})
