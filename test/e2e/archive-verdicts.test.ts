import {
  AccessDeniedError,
  BadSourceError,
  SourceUnavailableError,
} from '@backtide/activities/objects/errors'
import { createS3ObjectStore } from '@backtide/activities/objects/s3/s3-store'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openArchive } from '../helpers/archive.ts'
import {
  openArchiveWire,
  type ArchiveWire,
  type Asked,
  type Fate,
} from '../helpers/archive-wire.ts'
import { openFound, readAll } from '../helpers/read-object.ts'
import { ownServers } from '../helpers/servers.ts'

const servers = ownServers(import.meta.filename)
const archive = openArchive(servers.s3)
const FOLDER = 'archive-verdicts'
const KEYS = ['a', 'b', 'c', 'd', 'e'].map((name) => `${FOLDER}/${name}`)
const [A = '', B = '', C = ''] = KEYS
const DENIED: Fate = { answer: 403, code: 'AccessDenied' }
const ABSENT = { state: 'absent' }
let wire: ArchiveWire

beforeAll(async () => {
  process.env.AWS_ACCESS_KEY_ID = servers.s3.accessKeyId
  process.env.AWS_SECRET_ACCESS_KEY = servers.s3.secretAccessKey
  for (const key of KEYS) await archive.put(key, randomBytes(10))
})

beforeEach(async () => {
  wire = await openArchiveWire(servers.s3.endpoint)
  return () => wire[Symbol.asyncDispose]()
})

afterAll(() => Promise.all(KEYS.map((key) => archive.remove(key))))

describe('in a bucket that may not be listed', () => {
  it('a 403 means absent while an object that was read before can be read', async () => {
    wire.fate = hides()
    const objects = reader()
    await readAll(await openFound(objects, A))
    expect(await objects.open(`${FOLDER}/none`, {})).toEqual(ABSENT)
    expect(gets()).toEqual([A, `${FOLDER}/none`, A])
    expect(wire.asked[2]?.range).toBe('bytes=0-0')
  })

  it('a policy that is revoked in the middle is an error, and never an absent object', async () => {
    wire.fate = hides()
    const objects = reader()
    await readAll(await openFound(objects, A))
    await readAll(await openFound(objects, B))
    wire.fate = () => DENIED
    const opening = objects.open(C, {})
    await expect(opening).rejects.toThrow(AccessDeniedError)
    await expect(opening).rejects.toThrow(/c is refused .* now also 2 others, like .*\/b/)
    wire.fate = hides()
    await readAll(await openFound(objects, C))
  })

  it('a policy that is revoked between two 403s is found out by the second', async () => {
    const objects = reader()
    wire.fate = hides()
    await readAll(await openFound(objects, A))
    expect(await objects.open(`${FOLDER}/none`, {})).toEqual(ABSENT)
    wire.fate = () => DENIED
    await expect(objects.open(`${FOLDER}/nothing`, {})).rejects.toThrow(AccessDeniedError)
  })

  it('what can be read in another folder proves nothing', async () => {
    wire.fate = hides()
    const objects = reader()
    await readAll(await openFound(objects, A))
    const opening = objects.open('other-folder/none', {})
    await expect(opening).rejects.toThrow('no object is known whose reading could tell')
  })

  it('objects that the caller knows are witnesses where nothing was read yet', async () => {
    wire.fate = hides()
    let asked = 0
    const witnesses = async () => {
      asked += 1
      return [`${FOLDER}/removed`, A]
    }
    const objects = reader()
    expect(await objects.open(`${FOLDER}/none`, { witnesses })).toEqual(ABSENT)
    await readAll(await openFound(objects, B))
    expect(await objects.open(`${FOLDER}/nothing`, { witnesses })).toEqual(ABSENT)
    expect(asked).toBe(1)
  })

  it('a 403 without a witness is an error that says what to do', async () => {
    wire.fate = () => DENIED
    const opening = reader().open(A, { witnesses: async () => [A] })
    await expect(opening).rejects.toThrow(AccessDeniedError)
    await expect(opening).rejects.toThrow('Allow s3:ListBucket, or first load a range')
  })

  it('hundreds of absent objects cost a few readings of a witness', async () => {
    wire.fate = hides()
    const objects = reader()
    await readAll(await openFound(objects, A))
    const opening = Array.from({ length: 300 }, (_, index) =>
      objects.open(`${FOLDER}/none-${index}`, {}),
    )
    expect(await Promise.all(opening)).toEqual(opening.map(() => ABSENT))
    expect(gets().filter((key) => key === A).length).toBeLessThan(30)
    expect(lists()).toHaveLength(1)
  })

  it('a witness that cannot be reached now leaves it open', async () => {
    wire.fate = hides()
    const objects = reader()
    await readAll(await openFound(objects, A))
    wire.fate = (asked) => (isGet(asked, A) ? { answer: 500, code: 'InternalError' } : DENIED)
    await expect(objects.open(`${FOLDER}/none`, {})).rejects.toThrow(SourceUnavailableError)
  })

  it('who gave up does not wait for the witness, and the others get their answer', async () => {
    wire.fate = hides()
    const objects = reader()
    await readAll(await openFound(objects, A))
    const stop = new AbortController()
    let held = 0
    wire.fate = (asked) => {
      if (!isGet(asked, A)) return hides()(asked)
      held += 1
      if (held === 1) stop.abort(new Error('no longer wanted'))
      return 'pass'
    }
    const first = objects.open(`${FOLDER}/none`, { signal: stop.signal })
    const second = objects.open(`${FOLDER}/nothing`, {})
    await expect(first).rejects.toThrow('no longer wanted')
    expect(await second).toEqual(ABSENT)
  })
})

describe('in a bucket that may be listed', () => {
  it('a 403 on one object is its own, and others are read', async () => {
    const objects = reader()
    wire.fate = (asked) => (isGet(asked, B) ? DENIED : 'pass')
    await readAll(await openFound(objects, A))
    expect(await objects.open(B, {})).toEqual({
      state: 'refused',
      reason: 'it is forbidden although the bucket may be listed (403 AccessDenied: as told)',
    })
    await readAll(await openFound(objects, C))
  })

  it('objects that are refused and nothing else known ask once whether it may be', async () => {
    const objects = reader()
    wire.fate = (asked) => (isList(asked) ? 'pass' : DENIED)
    for (const key of KEYS) expect(await objects.open(key, {})).toMatchObject({ state: 'refused' })
    expect(lists()).toHaveLength(1)
  })

  it('reading that is revoked altogether is an error', async () => {
    const objects = reader()
    await readAll(await openFound(objects, A))
    wire.fate = (asked) => (isList(asked) ? 'pass' : DENIED)
    await expect(objects.open(B, {})).rejects.toThrow(AccessDeniedError)
  })
})

describe('a request that is refused as malformed', () => {
  const BAD: Fate = { answer: 400, code: 'InvalidArgument' }

  it('for one object is its own', async () => {
    const objects = reader()
    wire.fate = (asked) => (isGet(asked, B) ? BAD : 'pass')
    await readAll(await openFound(objects, A))
    expect(await objects.open(B, {})).toEqual({
      state: 'refused',
      reason: 'the archive refuses this object alone (400 InvalidArgument: as told)',
    })
  })

  it('for every object is an error of the bucket', async () => {
    wire.fate = () => BAD
    const opening = reader().open(B, { witnesses: async () => [A] })
    await expect(opening).rejects.toThrow(BadSourceError)
    await expect(opening).rejects.toThrow('400 InvalidArgument')
  })
})

describe('the access check', () => {
  it('accepts a bucket that may be listed, or of which one object can be read', async () => {
    await reader().checkAccess(KEYS)
    expect(gets()).toEqual([])
    wire.fate = hides()
    await reader().checkAccess([`${FOLDER}/none`, A, B])
    expect(gets()).toEqual([`${FOLDER}/none`, A])
  })

  it('refuses a bucket that allows neither, and one that is not there', async () => {
    wire.fate = () => DENIED
    const refused = reader().checkAccess(KEYS)
    await expect(refused).rejects.toThrow('neither listing nor any of 5 objects tried is allowed')
    wire.fate = () => ({ answer: 404, code: 'NoSuchBucket' })
    await expect(reader().checkAccess(KEYS)).rejects.toThrow('there is no bucket of that name')
  })

  it('asks each time, and what it found out holds for the 403s of the next minute', async () => {
    const objects = reader()
    await objects.checkAccess(KEYS)
    wire.fate = () => ({ answer: 403, code: 'InvalidAccessKeyId' })
    await expect(objects.checkAccess(KEYS)).rejects.toThrow('InvalidAccessKeyId')
    wire.fate = hides()
    await objects.checkAccess([A])
    expect(await objects.open(`${FOLDER}/none`, {})).toEqual(ABSENT)
    expect(lists()).toHaveLength(3)
  })
})

function reader() {
  const bucket = 'hyperliquid-archive'
  const { region } = servers.s3
  return createS3ObjectStore({ bucket, region, requesterPays: true }, { endpoint: wire.url })
}

/** Listing is forbidden, and absent keys are hidden behind the same answer. */
function hides(): (asked: Asked) => Fate {
  return (asked) => (isList(asked) || !KEYS.some((key) => isGet(asked, key)) ? DENIED : 'pass')
}

function isList({ path }: Asked): boolean {
  return path.includes('list-type=2')
}

function isGet({ path }: Asked, key: string): boolean {
  return path.split('?')[0]?.endsWith(`/${key}`) === true
}

function lists(): readonly Asked[] {
  return wire.asked.filter(isList)
}

/** Keys that were asked for, in order. */
function gets(): readonly string[] {
  return wire.asked
    .filter((asked) => !isList(asked))
    .map(({ path }) => path.split('?')[0]?.replace('/hyperliquid-archive/', '') ?? '')
}
