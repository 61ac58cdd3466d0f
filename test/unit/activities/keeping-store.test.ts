import { createHttpObjectStore } from '@backtide/activities/objects/http/http-store'
import { createKeptFolder } from '@backtide/activities/objects/kept/folder'
import { keepObjects } from '@backtide/activities/objects/kept/keeping-store'
import { createSpools } from '@backtide/activities/objects/kept/spool'
import type { ObjectStore } from '@backtide/activities/objects/object-store'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { countRequests } from '../../helpers/counting-store.ts'
import { openFileHost, type FileHost } from '../../helpers/file-host.ts'
import { beginReading, md5, openFound, readAll, same } from '../../helpers/read-object.ts'
import { waitUntil } from '../../helpers/wait-until.ts'

const KEY = 'trades/BTCUSDT.zip'
const BYTES = randomBytes(300_000)
const ETAG = md5(BYTES)
let host: FileHost
let root: string
let troubles: string[]
let requests: Parameters<typeof countRequests>[1]

beforeEach(async () => {
  host = await openFileHost()
  host.put(`/${KEY}`, BYTES)
  root = await mkdtemp(join(tmpdir(), 'backtide-kept-'))
  troubles = []
  requests = { opened: [], bodies: [] }
  return async () => {
    await host[Symbol.asyncDispose]()
    await rm(root, { recursive: true, force: true, maxRetries: 10 })
  }
})

describe('an object that was fetched', () => {
  it('is kept under its key, with what is known of it', async () => {
    expect(await read(keeper())).toBe(true)
    await kept()
    expect(same(await readFile(join(root, 'files', KEY)), BYTES)).toBe(true)
    const meta = await readFile(join(root, 'files', `${KEY}.meta.json`), 'utf8')
    expect(JSON.parse(meta)).toMatchObject({ key: KEY, etag: ETAG, size: 300_000 })
    expect(await readdir(join(root, '.parts'))).toEqual([])
  })

  it('is loaded again without a request, by another process too', async () => {
    const objects = keeper()
    expect(await read(objects)).toBe(true)
    expect(await read(objects)).toBe(true)
    expect(await read(keeper())).toBe(true)
    expect(requests.opened).toEqual([{ key: KEY, state: 'found' }])
    expect(await openFound(objects, KEY)).toMatchObject({ etag: ETAG, size: 300_000 })
  })

  it('costs no bytes where the current version is wanted and is still the one', async () => {
    const objects = keeper()
    await read(objects)
    const current = await objects.open(KEY, { current: true })
    expect(current.state === 'found' && same(await readAll(current), BYTES)).toBe(true)
    expect(await objects.open(KEY, { unlessEtag: ETAG })).toEqual({ state: 'unchanged' })
    expect(requests.opened.map(({ state }) => state)).toEqual(['found', 'unchanged', 'unchanged'])
    expect(requests.bodies).toHaveLength(1)
  })

  it('is given from what is kept to who knows an earlier version of it', async () => {
    const objects = keeper()
    await read(objects)
    const opened = await objects.open(KEY, { unlessEtag: md5(Buffer.from('earlier')) })
    expect(opened.state === 'found' && same(await readAll(opened), BYTES)).toBe(true)
    expect(requests.bodies).toHaveLength(1)
  })

  it('and replaced is fetched where the current version is wanted, and kept instead', async () => {
    const objects = keeper()
    await read(objects)
    const other = randomBytes(1000)
    host.put(`/${KEY}`, other)
    expect(await read(objects)).toBe(true)
    const current = await objects.open(KEY, { current: true })
    expect(current.state === 'found' && same(await readAll(current), other)).toBe(true)
    expect(same(await readAll(await openFound(objects, KEY)), other)).toBe(true)
    expect(requests.bodies).toHaveLength(2)
  })

  it('and replaced by the version that the caller knows is unchanged', async () => {
    const objects = keeper()
    await read(objects)
    const other = randomBytes(1000)
    host.put(`/${KEY}`, other)
    expect(await objects.open(KEY, { unlessEtag: md5(other) })).toEqual({ state: 'unchanged' })
  })

  it('without an ETag is asked for anew where the current version is wanted', async () => {
    host.put(`/${KEY}`, BYTES, '')
    const objects = keeper()
    await read(objects)
    expect(await read(objects)).toBe(true)
    expect(await read(objects, { current: true })).toBe(true)
    expect(requests.bodies).toHaveLength(2)
  })
})

describe('what is not whole', () => {
  it('is not kept: a body that is given up', async () => {
    const objects = keeper()
    const { close } = await beginReading(await openFound(objects, KEY))
    close()
    expect(await read(objects)).toBe(true)
    expect(requests.bodies).toHaveLength(2)
  })

  it('is not kept: a body that is opened and never read', async () => {
    const objects = keeper()
    const opened = await openFound(objects, KEY)
    opened.close()
    expect(await read(objects)).toBe(true)
    await kept()
    await waitUntil('parts to go', async () => (await readdir(join(root, '.parts'))).length === 0)
  })

  it('is not kept: bytes that are not those of the archive', async () => {
    const wrong = md5(Buffer.from('other'))
    host.put(`/${KEY}`, BYTES, `"${wrong}"`)
    await expect(read(keeper())).rejects.toThrow('it is fetched again')
    expect(await readdir(root)).not.toContain('files')
  })

  it('does not count: what a process left that was killed before it noted the facts', async () => {
    await mkdir(join(root, 'files/trades'), { recursive: true })
    await writeFile(join(root, 'files', KEY), BYTES.subarray(0, 1000))
    expect(await read(keeper())).toBe(true)
    expect(requests.bodies).toHaveLength(1)
  })

  it('does not count: a copy that lost its end, or the facts of another key', async () => {
    await read(keeper())
    await kept()
    await writeFile(join(root, 'files', KEY), BYTES.subarray(1))
    expect(await read(keeper())).toBe(true)
    await kept()
    const meta = join(root, 'files', `${KEY}.meta.json`)
    await writeFile(meta, (await readFile(meta, 'utf8')).replace('BTC', 'btc'))
    expect(await read(keeper())).toBe(true)
    expect(requests.bodies).toHaveLength(3)
  })
})

describe('a copy that was damaged', () => {
  it('is an error, thrown away, and then fetched again', async () => {
    const objects = keeper()
    await read(objects)
    await kept()
    await writeFile(join(root, 'files', KEY), randomBytes(300_000))
    await expect(read(objects)).rejects.toThrow(`the kept copy of ${KEY} is damaged`)
    expect(await read(objects)).toBe(true)
    expect(requests.bodies).toHaveLength(2)
  })
})

describe('a place that cannot keep anything', () => {
  it('fails no load: a file stands where the folder should be', async () => {
    await writeFile(join(root, 'files'), '')
    expect(await read(keeper())).toBe(true)
    expect(await read(keeper())).toBe(true)
    await waitUntil('trouble', () => troubles.length > 0)
  })

  it('fails no load: nothing can be written at all', async () => {
    await writeFile(join(root, '.parts'), '')
    const objects = keeper()
    expect(await read(objects)).toBe(true)
    expect(await read(objects)).toBe(true)
    expect(troubles.length).toBeGreaterThan(0)
    expect(requests.bodies).toHaveLength(2)
  })

  it.each(['../secret', 'a/../../secret', '/etc/passwd', 'a\\..\\b'])(
    'reads and writes nothing under %s',
    async (key) => {
      const opened: string[] = []
      const archive: ObjectStore = {
        checkAccess: async () => {},
        list: async () => undefined,
        open: async (asked) => {
          opened.push(asked)
          return { state: 'absent' }
        },
      }
      expect(await keeper(archive).open(key, {})).toEqual({ state: 'absent' })
      expect(opened).toEqual([key])
      expect(troubles[0]).toContain('is no name to keep an object under')
    },
  )
})

describe('an object that two want at the same time', () => {
  it('is fetched once while its bytes move', async () => {
    const objects = keeper()
    const first = await beginReading(await openFound(objects, KEY))
    const second = read(objects)
    expect(same(await first.all(), BYTES)).toBe(true)
    expect(await second).toBe(true)
    expect(requests.bodies).toHaveLength(1)
  })

  it('is fetched once by those that ask at the same moment', async () => {
    const objects = keeper()
    const all = await Promise.all(Array.from({ length: 5 }, () => read(objects)))
    expect(all).toEqual([true, true, true, true, true])
    expect(requests.bodies).toHaveLength(1)
  })

  it('is fetched twice when who was first does not go on', async () => {
    const objects = keeper(undefined, 10)
    const first = await beginReading(await openFound(objects, KEY))
    expect(await read(objects)).toBe(true)
    expect(requests.bodies).toHaveLength(2)
    expect(same(await first.all(), BYTES)).toBe(true)
  })

  it('is not waited for by who gave up', async () => {
    const objects = keeper(undefined, 60_000)
    const { close } = await beginReading(await openFound(objects, KEY))
    const stop = new AbortController()
    const waiting = objects.open(KEY, { signal: stop.signal })
    stop.abort(new Error('no longer wanted'))
    await expect(waiting).rejects.toThrow('no longer wanted')
    close()
  })
})

function onTrouble(error: unknown): void {
  troubles.push(String(error))
}

function keeper(archive?: ObjectStore, patienceMs = 5_000): ObjectStore {
  const files = createHttpObjectStore({ baseUrl: host.url, checksums: false })
  return keepObjects(archive ?? countRequests(files, requests), {
    kept: createKeptFolder(join(root, 'files')),
    spools: createSpools(join(root, '.parts'), onTrouble),
    onTrouble,
    patienceMs,
  })
}

/** Reads the object; true when it was the bytes of the archive. */
async function read(objects: ObjectStore, options: { readonly current?: boolean } = {}) {
  const opened = await objects.open(KEY, options)
  return opened.state === 'found' && same(await readAll(opened), BYTES)
}

/** What was fetched is kept in the background. */
async function kept(): Promise<void> {
  const folder = createKeptFolder(join(root, 'files'))
  await waitUntil('the copy', async () => (await folder.find(KEY)) !== undefined)
}
