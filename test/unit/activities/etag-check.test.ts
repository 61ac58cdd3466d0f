import { SourceUnavailableError } from '@backtide/activities/objects/errors'
import { createEtagChecks, type EtagChecks } from '@backtide/activities/objects/reading/etag-check'
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'

describe('an archive whose ETags are MD5s', () => {
  it('has one object believed whose bytes come twice, and all others compared', () => {
    const checks = createEtagChecks()
    read(checks, 'good', 'g', md5('g'))
    expect(() => read(checks, 'odd', 'x', md5('o'))).toThrow(SourceUnavailableError)
    read(checks, 'odd', 'x', md5('o'))
    expect(() => read(checks, 'spoiled', 'x', md5('s'))).toThrow('it is fetched again')
  })

  it('does not believe other bytes each time', () => {
    const checks = createEtagChecks()
    for (const bytes of ['x', 'y', 'z']) {
      expect(() => read(checks, 'spoiled', bytes, md5('s'))).toThrow(SourceUnavailableError)
    }
    read(checks, 'spoiled', 's', md5('s'))
  })

  it('compares a new version of an object that was believed', () => {
    const checks = createEtagChecks()
    expect(() => read(checks, 'odd', 'x', md5('o'))).toThrow(SourceUnavailableError)
    read(checks, 'odd', 'x', md5('o'))
    read(checks, 'odd', 'x', md5('o'))
    expect(() => read(checks, 'odd', 'x', md5('new'))).toThrow(SourceUnavailableError)
  })

  it('goes on comparing however many objects are odd', () => {
    const checks = createEtagChecks()
    read(checks, 'good', 'g', md5('g'))
    for (const key of ['a', 'b', 'c', 'd', 'e']) {
      expect(() => read(checks, key, 'x', md5(key))).toThrow(SourceUnavailableError)
      read(checks, key, 'x', md5(key))
    }
    expect(() => read(checks, 'f', 'x', md5('f'))).toThrow(SourceUnavailableError)
  })
})

describe('an archive whose ETags are something else', () => {
  it('has its first three objects fetched twice, and no others', () => {
    const checks = createEtagChecks()
    for (const key of ['a', 'b', 'c']) {
      expect(() => read(checks, key, 'x', md5(key))).toThrow(SourceUnavailableError)
      read(checks, key, 'x', md5(key))
    }
    expect(checks.of('d', { etag: md5('d'), ownKey: false })).toBeUndefined()
  })

  it('is not found out by one object alone', () => {
    const checks = createEtagChecks()
    for (const etag of ['1', '2', '3', '4']) {
      expect(() => read(checks, 'a', 'x', md5(etag))).toThrow(SourceUnavailableError)
      read(checks, 'a', 'x', md5(etag))
    }
    expect(() => read(checks, 'b', 'x', md5('b'))).toThrow(SourceUnavailableError)
  })

  it('is not compared where an ETag cannot be one', () => {
    const checks = createEtagChecks()
    expect(checks.of('parts', { etag: `${md5('p')}-12`, ownKey: false })).toBeUndefined()
    expect(checks.of('encrypted', { etag: md5('e'), ownKey: true })).toBeUndefined()
    expect(checks.of('none', { etag: '', ownKey: false })).toBeUndefined()
  })
})

/** Reads an object as it came. @throws as the check does */
function read(checks: EtagChecks, key: string, bytes: string, etag: string): void {
  const check = checks.of(key, { etag, ownKey: false })
  check?.update(Buffer.from(bytes))
  check?.verify()
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}
