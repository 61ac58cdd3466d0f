import { createObjectStores } from '@backtide/worker/object-stores'
import { ConfigError } from '@backtide/config/config-error'
import { mirrorsOf } from '@backtide/config/mirrors'
import type { Turns } from '@backtide/activities/objects/rest/turns'
import { readConfig } from '@backtide/worker/config'
import type { HttpSource } from '@backtide/datasets/dataset'
import { registry } from '@backtide/datasets/registry'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { openArchiveWire } from '../../helpers/archive-wire.ts'
import { openFileHost } from '../../helpers/file-host.ts'
import { openFound, readAll } from '../../helpers/read-object.ts'
import { waitUntil } from '../../helpers/wait-until.ts'

// Temporal's own configuration file, which a developer may have, is none of the tests' business.
const ALONE = { TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml' }
const read = (env: Record<string, string>) => readConfig({ ...ALONE, ...env })
const sources = (given: object) => read({ BACKTIDE_SOURCES: JSON.stringify(given) })

describe('The configuration of sources', () => {
  it('leaves sources where they are', () => {
    expect(read({}).mirrors.size).toBe(0)
  })

  it('replaces what it names of a bucket, and nothing else', () => {
    const { mirrors } = sources({ 'hyperliquid-archive': { bucket: 'mirror', prefix: 'hl/' } })
    expect(mirrors.get('hyperliquid-archive')).toMatchObject({
      kind: 's3',
      bucket: 'mirror',
      prefix: 'hl/',
      region: 'us-east-1',
      requesterPays: true,
    })
  })

  it.each([
    ['{', 'BACKTIDE_SOURCES: must be JSON'],
    ['{"binance":{}}', 'BACKTIDE_SOURCES: binance is no source; known are hyperliquid-archive'],
    ['{"constructor":{}}', 'constructor is no source'],
    [
      '{"hyperliquid-archive":{"bukket":"a"}}',
      'hyperliquid-archive: bukket is no field; did you mean bucket?',
    ],
    [
      '{"hyperliquid-archive":{"baseUrl":"https://a"}}',
      'baseUrl is no field; known are bucket, prefix',
    ],
    ['{"hyperliquid-archive":{"bucket":"../a"}}', 'hyperliquid-archive.bucket: must be the name'],
    ['{"hyperliquid-archive":{"prefix":"a"}}', 'hyperliquid-archive.prefix: must end with a slash'],
    ['{"hyperliquid-archive":{"prefix":"/a/"}}', 'hyperliquid-archive.prefix: must end'],
  ])('refuses %s', (text, message) => {
    expect(() => read({ BACKTIDE_SOURCES: text })).toThrow(ConfigError)
    expect(() => read({ BACKTIDE_SOURCES: text })).toThrow(message)
  })

  it('replaces a base URL by another one only', () => {
    const schema = mirrorsOf([FILES])
    const parse = (baseUrl: string) => schema.parse({ files: { baseUrl } })
    expect(parse('http://127.0.0.1:9/data').get('files')).toMatchObject({ checksums: true })
    expect(() => parse('https://user:pass@host/')).toThrow('without credentials')
  })

  it('has objects read from the mirror, under the keys of the source', async () => {
    await using host = await openFileHost()
    host.put('/mirror/trades/a.zip', 'bytes')
    const given = { files: { baseUrl: `${host.url}/mirror` } }
    const objectsOf = createObjectStores({
      mirrors: mirrorsOf([FILES]).parse(given),
      onThrottle: () => {},
      turns: NO_TURNS,
    })
    const object = await openFound(objectsOf(FILES), 'trades/a.zip')
    expect((await readAll(object)).toString()).toBe('bytes')
    expect(objectsOf({ ...FILES })).toBe(objectsOf(FILES))
  })
})

describe('The configuration of what is kept', () => {
  it('keeps nothing by itself', () => {
    expect(read({})).not.toHaveProperty('keepRaw')
  })

  it.each([
    ['/var/raw', { folder: '/var/raw' }],
    ['raw', { folder: resolve('raw') }],
    ['s3://mine', { bucket: 'mine', prefix: '', region: 'us-east-1' }],
    ['s3://mine/a/b', { bucket: 'mine', prefix: 'a/b/', region: 'us-east-1' }],
    ['s3://mine/a/', { bucket: 'mine', prefix: 'a/', region: 'us-east-1' }],
  ])('takes %s', (text, expected) => {
    expect(read({ BACKTIDE_KEEP_RAW: text }).keepRaw).toEqual(expected)
  })

  it.each(['https://host/raw', 's3://', 's3://UPPER/a'])('refuses %s', (text) => {
    expect(() => read({ BACKTIDE_KEEP_RAW: text })).toThrow(
      'must be a folder or s3://bucket/prefix',
    )
  })

  it('has objects kept under the name of their source, and says once when they cannot be', async () => {
    await using host = await openFileHost()
    host.put('/a.zip', 'bytes')
    host.put('/b.zip', 'bytes')
    const folder = await mkdtemp(join(tmpdir(), 'backtide-raw-'))
    onTestFinished(() => rm(folder, { recursive: true, maxRetries: 10 }))
    const told: unknown[] = []
    const onTrouble = (error: unknown) => told.push(error)
    const files = { ...FILES, baseUrl: host.url }
    const keeping = { keepRaw: { folder }, onTrouble, onThrottle: () => {}, turns: NO_TURNS }
    await readAll(await openFound(createObjectStores(keeping)(files), 'a.zip'))
    await waitUntil('the copy', () => existsSync(join(folder, 'files/a.zip.meta.json')))
    const broken = createObjectStores({ ...keeping, keepRaw: { folder: '/dev/null/raw' } })(files)
    for (const key of ['a.zip', 'b.zip']) await readAll(await openFound(broken, key))
    expect(told).toHaveLength(1)
  })
})

describe('A bucket that stands for another', () => {
  it('is asked for the keys of the source behind its prefix', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'id')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
    await using wire = await openArchiveWire('http://127.0.0.1:1')
    wire.fate = () => ({ answer: 404, code: 'NoSuchKey' })
    const { mirrors } = sources({ 'hyperliquid-archive': { bucket: 'mirror', prefix: 'hl/' } })
    const [dataset] = registry.all
    const objectsOf = createObjectStores({
      mirrors,
      endpoint: wire.url,
      onThrottle: () => {},
      turns: NO_TURNS,
    })
    const opened = dataset && (await objectsOf(dataset.source).open('market_data/a.lz4', {}))
    expect(opened).toEqual({ state: 'absent' })
    expect(wire.asked[0]?.path).toMatch(/^\/mirror\/hl\/market_data\/a\.lz4(\?|$)/)
  })
})

const NO_TURNS: Turns = { take: async () => {}, backOff: async () => {} }

const FILES: HttpSource = {
  name: 'files',
  kind: 'http',
  baseUrl: 'https://host.invalid/data',
  checksums: true,
  objects: () => [],
}
