import {
  AccessDeniedError,
  BadSourceError,
  SourceUnavailableError,
} from '@backtide/activities/objects/errors'
import { createHttpObjectStore } from '@backtide/activities/objects/http/http-store'
import { readBaseUrl } from '@backtide/datasets/base-url'
import type { ReadOptions } from '@backtide/activities/objects/reading/ranged-store'
import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { begunAt, inTurn, type ArchiveWire } from '../../helpers/archive-wire.ts'
import { openWiredHost, type FileHost } from '../../helpers/file-host.ts'
import { beginReading, md5, openFound, readAll, same } from '../../helpers/read-object.ts'

const MIB = 1024 * 1024
const KEY = 'spot/daily/trades/BTCUSDT/BTCUSDT-trades-2025-01-01.zip'
const PATH = `/data/${KEY}`
const OTHER = KEY.replace('01.zip', '02.zip')
let host: FileHost
let wire: ArchiveWire

beforeEach(async () => {
  const wired = await openWiredHost()
  host = wired.host
  wire = wired.wire
  return wired.close
})

describe('a file at a URL', () => {
  it('is one request, and the next comes over the same connection', async () => {
    const bytes = put(100_000)
    const files = reader()
    for (let time = 0; time < 3; time++) {
      const object = await openFound(files, KEY)
      expect(object).toMatchObject({ etag: md5(bytes), size: 100_000 })
      expect(same(await readAll(object), bytes)).toBe(true)
    }
    expect(wire.asked.map(({ path }) => path)).toEqual([PATH, PATH, PATH])
    expect(wire.connections).toBe(1)
  })

  it('without a byte is empty, and found', async () => {
    put(0)
    expect(await readAll(await openFound(reader(), KEY))).toEqual(Buffer.alloc(0))
  })

  it('larger than a part comes in ranges of the version that was opened', async () => {
    const bytes = put(20 * MIB)
    expect(same(await readAll(await openFound(reader(), KEY)), bytes)).toBe(true)
    const etag = `"${md5(bytes)}"`
    expect(wire.asked.map(({ ifRange }) => ifRange)).toEqual([undefined, etag, etag])
  })

  it('is not sent again while it has the ETag it had, a weak one too', async () => {
    const bytes = put(10)
    expect(await reader().open(KEY, { unlessEtag: md5(bytes) })).toEqual({ state: 'unchanged' })
    host.put(PATH, bytes, 'W/"a"')
    expect(await reader().open(KEY, { unlessEtag: 'W/a' })).toEqual({ state: 'unchanged' })
    expect(await openFound(reader(), KEY)).toMatchObject({ etag: 'W/a' })
    expect(wire.bytes).toBe(10)
  })

  it('that is not there is absent', async () => {
    expect(await reader().open(KEY, {})).toEqual({ state: 'absent' })
    expect(wire.asked).toHaveLength(1)
  })

  it('whose length nobody says is refused, and others are not', async () => {
    put(10)
    host.put(`/data/${OTHER}`, 'x')
    const files = reader()
    await readAll(await openFound(files, OTHER))
    wire.fate = ({ path }) => (path === PATH ? { answer: 200, code: 'X' } : 'pass')
    expect(await files.open(KEY, {})).toMatchObject({
      state: 'refused',
      reason: 'the archive refuses this object alone (the host does not say how long it is)',
    })
  })

  it('has each segment of its key in its path, and none that leads elsewhere', async () => {
    host.put('/data/a b/%2e%2e/#c?d', 'x')
    expect((await readAll(await openFound(reader(), 'a b/%2e%2e/#c?d'))).toString()).toBe('x')
    for (const key of ['../secret', 'a/../../b', 'a//b', '/a', './a', '']) {
      await expect(reader().open(key, {})).rejects.toThrow(BadSourceError)
    }
    expect(wire.asked).toHaveLength(1)
  })
})

describe('a connection to a file host that', () => {
  it('breaks is followed by one for the rest of the same version', async () => {
    const bytes = put(6 * MIB)
    wire.fate = inTurn({ stallAfter: MIB })
    const files = reader({ timeouts: { stallMs: 300 } })
    expect(same(await readAll(await openFound(files, KEY)), bytes)).toBe(true)
    expect(wire.asked.map(({ ifRange }) => ifRange)).toEqual([undefined, `"${md5(bytes)}"`])
    expect(begunAt(wire.asked[1])).toBe(MIB)
  })

  it('breaks is followed by one for the version of that time where there are no ETags', async () => {
    const bytes = randomBytes(6 * MIB)
    host.put(PATH, bytes, '')
    wire.fate = inTurn({ stallAfter: MIB })
    const files = reader({ timeouts: { stallMs: 300 } })
    expect(same(await readAll(await openFound(files, KEY)), bytes)).toBe(true)
    expect(wire.asked[1]?.ifRange).toMatch(/GMT$/)
  })

  it.each(['', 'W/"weak"', undefined])(
    'breaks while the file is replaced does not mix the two (ETag %o)',
    async (etag) => {
      host.put(PATH, randomBytes(6 * MIB), etag)
      wire.fate = inTurn({ stallAfter: MIB })
      const files = reader({ timeouts: { stallMs: 300 } })
      const { all } = await beginReading(await openFound(files, KEY))
      host.put(PATH, randomBytes(6 * MIB), etag === 'W/"weak"' ? 'W/"other"' : etag)
      await expect(all()).rejects.toThrow(SourceUnavailableError)
      await expect(all()).rejects.toThrow('was replaced while it was read')
    },
  )

  it('is cut short each time is given up', async () => {
    put(MIB)
    wire.fate = () => ({ endAfter: 0 })
    const object = await openFound(reader(), KEY)
    await expect(readAll(object)).rejects.toThrow(`${KEY} broke off: 0 of 1048576 bytes`)
  })

  it('is never answered is given up after three', async () => {
    put(10)
    wire.fate = () => 'silence'
    const opening = reader({ timeouts: { answerMs: 100 } }).open(KEY, {})
    await expect(opening).rejects.toThrow(SourceUnavailableError)
    await expect(opening).rejects.toThrow('nobody answers within 100 ms')
    expect(wire.asked).toHaveLength(3)
  })

  it('is no longer wanted ends with the reason of its signal', async () => {
    put(10)
    const stop = new AbortController()
    wire.fate = () => {
      stop.abort(new Error('no longer wanted'))
      return 'silence'
    }
    await expect(reader().open(KEY, { signal: stop.signal })).rejects.toThrow('no longer wanted')
    expect(wire.asked).toHaveLength(1)
  })
})

describe('a file host that', () => {
  it('asks for fewer requests is heard, and asked again', async () => {
    const bytes = put(10)
    let heard = 0
    wire.fate = inTurn(
      { answer: 429, code: '', headers: { 'retry-after': '0' } },
      { answer: 503, code: '' },
    )
    const object = await openFound(reader({ onThrottle: () => (heard += 1) }), KEY)
    expect(same(await readAll(object), bytes)).toBe(true)
    expect(heard).toBe(2)
  })

  it('asks to be left alone for an hour is left alone', async () => {
    put(10)
    wire.fate = inTurn({ answer: 429, code: '', headers: { 'retry-after': '3600' } })
    const files = reader()
    await expect(files.open(KEY, {})).rejects.toThrow(/left alone for 3[56]\d\d s more/)
    await expect(files.open(OTHER, {})).rejects.toThrow(SourceUnavailableError)
    expect(wire.asked).toHaveLength(1)
  })

  it('fails each time is given up after three, as weather', async () => {
    wire.fate = () => ({ answer: 500, code: '' })
    await expect(reader().open(KEY, {})).rejects.toThrow(SourceUnavailableError)
    expect(wire.asked).toHaveLength(3)
  })

  it('forbids one file only refuses that one, and never counts as one without it', async () => {
    host.put(`/data/${OTHER}`, 'x')
    wire.fate = ({ path }) => (path === PATH ? { answer: 403, code: '' } : 'pass')
    const files = reader()
    expect(await files.open(KEY, { witnesses: async () => [OTHER] })).toEqual({
      state: 'refused',
      reason: 'the archive refuses this object alone (403 Forbidden)',
    })
  })

  it('forbids all of them, or this country, is an error', async () => {
    wire.fate = () => ({ answer: 451, code: '' })
    const opening = reader().open(KEY, { witnesses: async () => [OTHER] })
    await expect(opening).rejects.toThrow(AccessDeniedError)
    await expect(opening).rejects.toThrow('set a mirror in BACKTIDE_SOURCES')
    const alone = reader().open(KEY, {})
    await expect(alone).rejects.toThrow('451 Unavailable For Legal Reasons')
    await expect(reader().checkAccess([KEY, OTHER])).rejects.toThrow('none of 2 objects tried')
  })

  it('answers at all may be read, whatever is there', async () => {
    await reader().checkAccess([KEY])
    expect(wire.asked).toHaveLength(1)
  })

  it('leads elsewhere is followed on the same host only', async () => {
    const bytes = put(10)
    wire.fate = inTurn({ answer: 302, code: '', headers: { location: `/data/${KEY}` } })
    expect(same(await readAll(await openFound(reader(), OTHER)), bytes)).toBe(true)
    const elsewhere = { location: `${host.url}/data/${KEY}` }
    wire.fate = () => ({ answer: 302, code: '', headers: elsewhere })
    await expect(reader().open(OTHER, {})).rejects.toThrow(`302 Found, to ${elsewhere.location}`)
  })

  it('leads in circles is left', async () => {
    wire.fate = () => ({ answer: 301, code: '', headers: { location: PATH } })
    await expect(reader().open(KEY, {})).rejects.toThrow(BadSourceError)
    expect(wire.asked.length).toBeLessThan(10)
  })
})

describe('a base URL', () => {
  it.each(['ftp://host/', 'host/data', '/data', 'file:///etc'])('%s is none', (text) => {
    expect(() => readBaseUrl(text)).toThrow('must be a URL with http or https')
  })

  it.each(['https://user:pass@host/', 'https://host/?a', 'https://host/#a'])(
    '%s has more than host and path',
    (text) => {
      expect(() => readBaseUrl(text)).toThrow('host and path only')
    },
  )
})

function reader(options: ReadOptions = {}) {
  return createHttpObjectStore({ baseUrl: `${wire.url}/data`, checksums: false }, options)
}

function put(size: number): Buffer {
  const bytes = randomBytes(size)
  host.put(PATH, bytes)
  return bytes
}
