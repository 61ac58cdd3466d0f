import { createHttpObjectStore } from '@backtide/activities/objects/http/http-store'
import type { BackfillRequest } from '@backtide/core/request'
import { HOUR_MS } from '@backtide/core/range'
import { hyperliquidAssetCtxs } from '@backtide/datasets/hyperliquid/asset-ctxs'
import { hyperliquidL2Book } from '@backtide/datasets/hyperliquid/l2-book'
import { hyperliquidL2Snapshot } from '@backtide/datasets/hyperliquid/l2-snapshot'
import type { BackfillRecord } from '@backtide/store/backfills/backfill-record'
import { createSharer, openScratch } from '@backtide/worker/sharing'
import { randomBytes } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, statSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { countRequests, type Requests } from '../../helpers/counting-store.ts'
import { openFileHost, type FileHost } from '../../helpers/file-host.ts'
import { openFound, readAll } from '../../helpers/read-object.ts'
import { waitUntil } from '../../helpers/wait-until.ts'

const DATASETS = [hyperliquidL2Book, hyperliquidL2Snapshot, hyperliquidAssetCtxs]
const FROM = Date.UTC(2025, 0, 1)
const RANGE = { from: FROM, to: FROM + 6 * HOUR_MS }
const KEYS = Array.from({ length: 6 }, (_, hour) => {
  return hyperliquidL2Book.source.objects(FROM + hour * HOUR_MS, 'BTC')[0] ?? ''
})
const SIZE = 100_000

let host: FileHost
let requests: Requests
let scratch: ReturnType<typeof openScratch>
/** What is asked for and not ended. */
let open: readonly Partial<BackfillRequest>[]

beforeEach(async () => {
  host = await openFileHost()
  for (const key of KEYS) host.put(`/${key}`, randomBytes(SIZE))
  requests = { opened: [], bodies: [] }
  scratch = openScratch(10 * SIZE)
  open = [wanted('hyperliquid.l2_book'), wanted('hyperliquid.l2_snapshot')]
})

afterEach(async () => {
  scratch.remove()
  await host[Symbol.asyncDispose]()
})

function wanted(dataset: string, change: Partial<BackfillRequest> = {}): Partial<BackfillRequest> {
  return { dataset, symbols: ['BTC'], range: RANGE, ...change }
}

function sharing(source = hyperliquidL2Book.source.name) {
  const store = {
    listBackfills: async () => open.map((request) => ({ request }) as unknown as BackfillRecord),
  }
  const files = createHttpObjectStore({ baseUrl: host.url, checksums: false })
  const share = createSharer(scratch, { store, datasets: DATASETS, onTrouble: () => {} })
  return share(source, countRequests(files, requests))
}

async function readKeys(objects: ReturnType<typeof sharing>, keys = KEYS) {
  for (const key of keys) expect(await readAll(await openFound(objects, key))).toHaveLength(SIZE)
}

/** Bytes of all objects that are kept now. */
function keptBytes(): number {
  const names = readdirSync(scratch.folder, { recursive: true, encoding: 'utf8' })
  const files = names.filter((name) => name.endsWith('.lz4') || name.endsWith('.part'))
  return files.reduce((sum, name) => sum + statSync(join(scratch.folder, name)).size, 0)
}

describe('Objects of two datasets that are asked for together', () => {
  it('are fetched once, whether they are read at the same time or one after the other', async () => {
    const objects = sharing()
    await Promise.all([readKeys(objects), readKeys(objects)])
    await readKeys(objects)
    expect(requests.bodies.toSorted()).toEqual(KEYS.toSorted())
  })

  it('are fetched again when the archive has another version meanwhile', async () => {
    const objects = sharing()
    await readKeys(objects, KEYS.slice(0, 1))
    await waitUntil('the copy', () => keptBytes() > 0)
    const other = randomBytes(50)
    host.put(`/${KEYS[0]}`, other)
    expect(Buffer.compare(await readAll(await openFound(objects, KEYS[0] ?? '')), other)).toBe(0)
  })

  it('take no more room than they may: what was used longest ago goes', async () => {
    scratch = { ...scratch, bytes: 2.5 * SIZE }
    const objects = sharing()
    await readKeys(objects)
    await waitUntil('the oldest to go', () => keptBytes() === 2 * SIZE)
    await readKeys(objects, KEYS.slice(-2))
    expect(requests.bodies).toHaveLength(6)
  })
})

describe('Nothing is kept', () => {
  it.each([
    ['one dataset alone', [wanted('hyperliquid.l2_book')]],
    [
      'other coins',
      [wanted('hyperliquid.l2_book'), wanted('hyperliquid.l2_snapshot', { symbols: ['ETH'] })],
    ],
    [
      'other hours',
      [
        wanted('hyperliquid.l2_book'),
        wanted('hyperliquid.l2_snapshot', { range: { from: RANGE.to, to: RANGE.to + HOUR_MS } }),
      ],
    ],
    [
      'a dataset over other objects',
      [wanted('hyperliquid.l2_book'), wanted('hyperliquid.asset_ctxs', { symbols: ['*'] })],
    ],
  ])('for %s', async (_, asked) => {
    open = asked
    const objects = sharing()
    await readKeys(objects)
    await readKeys(objects)
    expect(requests.bodies).toHaveLength(12)
    expect(keptBytes()).toBe(0)
  })

  it('of a source whose datasets have objects of their own', () => {
    const { datasets, store } = { datasets: DATASETS.slice(1), store: { listBackfills: fail } }
    const files = createHttpObjectStore({ baseUrl: host.url, checksums: false })
    const share = createSharer(scratch, { store, datasets, onTrouble: () => {} })
    expect(share(hyperliquidL2Book.source.name, files)).toBe(files)
  })
})

it('A scratch folder of a process that was killed is taken away by the next', () => {
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  const left = mkdtempSync(join(tmpdir(), `backtide-scratch-${hostname()}-${pid}-`))
  openScratch(1).remove()
  expect(existsSync(left)).toBe(false)
  expect(existsSync(scratch.folder)).toBe(true)
})

async function fail(): Promise<never> {
  throw new Error('nobody is asked')
}
