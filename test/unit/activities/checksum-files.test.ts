import { SourceUnavailableError } from '@backtide/activities/objects/errors'
import { createHttpObjectStore } from '@backtide/activities/objects/http/http-store'
import { createHash, randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { inTurn, type ArchiveWire } from '../../helpers/archive-wire.ts'
import { openWiredHost, type FileHost } from '../../helpers/file-host.ts'
import { openFound, readAll, same } from '../../helpers/read-object.ts'

const KEY = 'trades/BTCUSDT-trades-2025-01-01.zip'
const PATH = `/${KEY}`
let host: FileHost
let wire: ArchiveWire

beforeEach(async () => {
  const wired = await openWiredHost()
  host = wired.host
  wire = wired.wire
  return wired.close
})

describe('a checksum file', () => {
  it('that agrees lets the bytes pass', async () => {
    const bytes = put(100_000)
    putSum(sha256(bytes))
    expect(same(await readAll(await openFound(summed(), KEY)), bytes)).toBe(true)
    expect(wire.asked).toHaveLength(2)
  })

  it('that is not there, or holds no sum, proves nothing and is no error', async () => {
    const bytes = put(10)
    expect(same(await readAll(await openFound(summed(), KEY)), bytes)).toBe(true)
    host.put(`${PATH}.CHECKSUM`, '<h1>Sorry</h1>')
    expect(same(await readAll(await openFound(summed(), KEY)), bytes)).toBe(true)
    wire.fate = ({ path }) => (path === PATH ? 'pass' : { answer: 403, code: '' })
    expect(same(await readAll(await openFound(summed(), KEY)), bytes)).toBe(true)
  })

  it('that cannot be had now is weather', async () => {
    put(10)
    wire.fate = ({ path }) => (path === PATH ? 'pass' : { answer: 500, code: '' })
    await expect(readAll(await openFound(summed(), KEY))).rejects.toThrow(SourceUnavailableError)
  })

  it('finds bytes that were spoiled on their way, which are fetched again', async () => {
    const bytes = randomBytes(10)
    host.put(PATH, bytes, '')
    putSum(sha256(bytes))
    const files = summed()
    wire.fate = inTurn({ spoil: 5 })
    const spoiled = readAll(await openFound(files, KEY))
    await expect(spoiled).rejects.toThrow(SourceUnavailableError)
    await expect(spoiled).rejects.toThrow(`it says SHA-256 ${sha256(bytes)}, the bytes have`)
    expect(same(await readAll(await openFound(files, KEY)), bytes)).toBe(true)
  })

  it('that disagrees with the same bytes twice has this one object refused', async () => {
    const bytes = put(10)
    const wrong = sha256(Buffer.from('other'))
    putSum(wrong)
    const files = summed()
    for (const _ of [1, 2]) {
      await expect(readAll(await openFound(files, KEY))).rejects.toThrow(SourceUnavailableError)
    }
    const reason = `it says SHA-256 ${wrong}, the bytes have ${sha256(bytes)}`
    const refused = await files.open(KEY, {})
    expect(refused).toMatchObject({ state: 'refused' })
    expect('reason' in refused && refused.reason).toContain(reason)
  })

  it('that is mended, or whose object is, lets it pass again', async () => {
    const bytes = put(10)
    putSum(sha256(Buffer.from('other')))
    const files = summed()
    for (const _ of [1, 2]) {
      await expect(readAll(await openFound(files, KEY))).rejects.toThrow(SourceUnavailableError)
    }
    putSum(sha256(bytes))
    expect(same(await readAll(await openFound(files, KEY)), bytes)).toBe(true)
  })
})

/** A reader of a host that has checksum files. */
function summed() {
  return createHttpObjectStore({ baseUrl: wire.url, checksums: true })
}

function put(size: number): Buffer {
  const bytes = randomBytes(size)
  host.put(PATH, bytes)
  return bytes
}

function putSum(sum: string): void {
  host.put(`${PATH}.CHECKSUM`, `${sum}  BTCUSDT-trades-2025-01-01.zip\n`)
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
