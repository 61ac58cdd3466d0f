import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readQuestDbConf } from '@backtide/store/conf'
import { createQuestDb } from '@backtide/store/questdb'
import { steerQuestDb, type SteeredQuestDb } from './own-questdb.ts'

/** A part of a QuestDB that looks like a whole one, with no table but its own. */
export interface Corner extends SteeredQuestDb, AsyncDisposable {
  readonly conf: string
}

let opened = 0

/**
 * Opens a fresh corner: the server gives `tables`, and all whose names begin like theirs and go on
 * with `_`, a prefix that nobody on this side sees. So a test has names that were never used before
 * without a server of its own.
 */
export async function openCorner(questdb: string, tables: readonly string[]): Promise<Corner> {
  const { url } = readQuestDbConf(questdb)
  const prefix = `${PREFIX}${(opened += 1)}_`
  // `hyperliquid.l2_book` is a dataset, not a table.
  const names = new RegExp(`(?<![\\w.])(?=(?:${tables.join('|')})(?![A-Za-z0-9]))`, 'g')
  const server = createServer((incoming, outgoing) => {
    const passed = passOn(url, incoming, (text) => text.replace(names, prefix))
    void passed.then(
      ({ status, text }) => outgoing.writeHead(status).end(onlyOwn(text, prefix)),
      () => outgoing.destroy(),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const conf = `http::addr=127.0.0.1:${(server.address() as AddressInfo).port};`
  return {
    conf,
    ...steerQuestDb(createQuestDb(conf)),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const PREFIX = 'corner_'

async function passOn(target: string, incoming: IncomingMessage, rename: (text: string) => string) {
  const { method = 'GET', url: path = '' } = incoming
  const url = new URL(path, target)
  const query = url.searchParams.get('query')
  if (query !== null) url.searchParams.set('query', rename(query))
  const parts: Buffer[] = []
  for await (const part of incoming) parts.push(part as Buffer)
  // Byte for byte, as rows may be binary.
  const body = Buffer.from(rename(Buffer.concat(parts).toString('latin1')), 'latin1')
  const answer = await fetch(url, { method, ...(method === 'GET' ? {} : { body }) })
  return { status: answer.status, text: await answer.text() }
}

/** An answer without the prefix, and without rows that name what is in other corners. */
function onlyOwn(text: string, prefix: string): string {
  const own = text.replaceAll(prefix, '')
  if (!own.includes(PREFIX)) return own
  const answer = JSON.parse(own) as { readonly dataset?: readonly (readonly unknown[])[] }
  const isForeign = (value: unknown) => typeof value === 'string' && value.startsWith(PREFIX)
  return JSON.stringify({
    ...answer,
    dataset: answer.dataset?.filter((row) => !row.some(isForeign)),
  })
}
