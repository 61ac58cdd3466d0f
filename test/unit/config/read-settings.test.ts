import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readFlags } from '@backtide/config/flags'
import { readSettings } from '@backtide/config/read-settings'
import type { Reader, Setting } from '@backtide/config/setting'
import { fileVariableOf, flagOf, KEYS, settingOf, type Key } from '@backtide/config/settings'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { faultsOf } from './faults-of.ts'

const ALL: readonly Reader[] = ['worker', 'api', 'stack', 'cli']

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'backtide-settings-'))
  for (const name of ['a', 'b', 'c']) file(name, `ops operate ${'0'.repeat(64)}\n`)
})

afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

/** Three different values of settings, as a file holds them. */
const VALUES: Partial<Record<Key, readonly unknown[]>> = {
  'questdb.conf': [1, 2, 3].map((port) => `http::addr=db:${port};`),
  'api.host': ['127.0.0.1', '::1', 'localhost'],
  'log.level': ['debug', 'warn', 'error'],
  'worker.roles': [['load'], ['control'], ['load', 'control']],
  'worker.memoryMb': [128, 256, 1024],
  'live.bucket': ['s3://one/a', 's3://two', 's3://three/b/c'],
  'live.keep': ['s3', 'both', 'local'],
  markets: ['BTC', 'ETH', 'SOL'].map((symbol) => [
    { exchange: 'hyperliquid', market: 'perp', symbols: [symbol], channels: ['trades'] },
  ]),
  sources: ['one', 'two', 'three'].map((bucket) => ({ 'hyperliquid-archive': { bucket } })),
  prices: [1, 2, 3].map((perGiB) => ({ 'hyperliquid-archive': { perGiB } })),
  tempo: [1, 2, 3].map((loadTimeout) => ({ loadTimeout })),
}

function valuesOf(key: Key): readonly unknown[] {
  const known = VALUES[key]
  if (known) return known
  if (key === 'api.tokensFile') return ['a', 'b', 'c'].map((name) => join(folder, name))
  if (/endpoint|ui|url$/.test(key)) return [1, 2, 3].map((port) => `http://host:${port}`)
  const { written } = settingOf(key)
  if (written === 'number') return [1, 2, 3]
  return written === 'path'
    ? ['/a', '/b', '/c']
    : ['a-first-of-three', 'a-second-of-three', 'a-third-of-three']
}

/** As a variable or a flag has it. */
function asText({ written }: Setting, value: unknown): string {
  if (written === 'list') return (value as string[]).join(',')
  return written === 'json' ? JSON.stringify(value) : String(value)
}

describe('a setting', () => {
  it.each(KEYS)('%s comes from its flag before its variable before the file', (key) => {
    const setting = settingOf(key)
    const [flagged, varied, filed] = valuesOf(key)
    const [section = '', name] = key.split('.')
    const yaml = stringify(
      name === undefined ? { [section]: filed } : { [section]: { [name]: filed } },
    )
    const secret = setting.secret === 'whole'
    const CONFIG_PATH = secret ? '/dev/null' : file('precedence.yaml', yaml)
    const env = { CONFIG_PATH, [setting.variables[0]]: asText(setting, varied) }
    const flags = readFlags([`${flagOf(key)}=${asText(setting, flagged)}`].filter(() => !secret))
    const written = (sources: Parameters<typeof readSettings>[1]) => {
      const settings = readSettings(ALL, { ...sources })
      return [settings.written(key), settings.origin(key).from]
    }
    expect(written({ env })).toEqual([varied, 'environment'])
    if (secret) return
    expect(written({ env, flags })).toEqual([flagged, 'flag'])
    expect(written({ env: { CONFIG_PATH } })).toEqual([filed, 'file'])
    expect(readSettings(ALL, { env: {} }).origin(key).from).toBe('default')
  })

  it.each(KEYS)('%s is not set by an empty variable', (key) => {
    const settings = readSettings(ALL, { env: { [settingOf(key).variables[0]]: ' ' } })
    expect(settings.origin(key).from).toBe('default')
  })

  it('has variables that stand in for its own', () => {
    const [ours, theirs] = ['http://ours:1', 'http://theirs:1']
    const env = { AWS_ENDPOINT_URL: theirs }
    expect(readSettings(['worker'], { env }).get('s3.endpoint')).toBe(theirs)
    const both = { ...env, AWS_ENDPOINT_URL_S3: ours }
    expect(readSettings(['worker'], { env: both }).get('s3.endpoint')).toBe(ours)
  })

  it.each([
    ['api', ['control', 'load']],
    ['load', ['load']],
    ['api,load', ['control', 'load']],
    ['api,coinmarketcap', ['control', 'load']],
  ])("takes AnySignal's RUNNERS=%s for roles", (RUNNERS, roles) => {
    expect(readSettings(['worker'], { env: { RUNNERS } }).get('worker.roles')).toEqual(roles)
  })

  it("says that AnySignal's other runners are no roles", () => {
    const env = { RUNNERS: 'api,telegram' }
    expect(faultsOf(() => readSettings(['worker'], { env }))).toEqual([
      'RUNNERS: 1: must be of control, load, live',
    ])
  })

  it('of another process is not looked at in the environment', () => {
    const env = { BACKTIDE_LOADS: 'many', BACKTIDE_TOKEN: 'short' }
    expect(() => readSettings(['cli'], { env })).not.toThrow()
    expect(() => readSettings(['cli'], { env }).get('worker.loads')).toThrow('worker.loads')
  })
})

const SECRETS = KEYS.filter((key) => settingOf(key).secret)

describe('the secret', () => {
  it.each(SECRETS)('%s is also read from a file, without the end of its line', (key) => {
    const setting = settingOf(key)
    const [value] = valuesOf(key)
    const path = file('secret', `${String(value)}\n`)
    const name = fileVariableOf(key) ?? ''
    const other = key === 's3.accessKeyId' ? 'AWS_SECRET_ACCESS_KEY' : 'AWS_ACCESS_KEY_ID'
    const pair = key.startsWith('s3.') ? { [other]: 'x' } : {}
    const settings = readSettings(ALL, { env: { ...pair, [name]: path } })
    expect(settings.get(key)).toBe(value)
    expect(settings.origin(key)).toEqual({
      from: 'environment',
      name: `${setting.variables[0]}_FILE`,
    })
  })

  it.each(SECRETS)('%s given twice is refused, naming both variables', (key) => {
    const [variable] = settingOf(key).variables
    const path = file('secret', 'hunter2hunter2hunter2')
    const env = { [variable]: 'hunter2hunter2hunter2', [`${variable}_FILE`]: path }
    expect(faultsOf(() => readSettings(ALL, { env }))).toEqual([
      `${variable} and ${variable}_FILE are both set: unset one of them`,
    ])
  })

  it.each([
    ['/nowhere/secret', 'BACKTIDE_TOKEN_FILE: The file cannot be read (ENOENT).'],
    ['empty', 'BACKTIDE_TOKEN_FILE: The file is empty.'],
    ['short', 'BACKTIDE_TOKEN_FILE: Use 16 characters or more.'],
  ])('of the file %s is refused', (name, fault) => {
    file('empty', '\n')
    file('short', 'hunter2\n')
    const env = { BACKTIDE_TOKEN_FILE: join(folder, name) }
    expect(faultsOf(() => readSettings(['api'], { env }))).toEqual([fault])
  })

  it.each([
    ['--api-token=hunter2hunter2', 'BACKTIDE_TOKEN or BACKTIDE_TOKEN_FILE'],
    ['--questdb-conf=http::addr=db:1;username=a;password=hunter2;', 'QDB_CLIENT_CONF'],
    ['--s3-endpoint=http://me:hunter2@minio:9000', 'AWS_ENDPOINT_URL_S3'],
  ])('of a flag like %s is refused, and never said', (flag, way) => {
    const [fault = ''] = faultsOf(() => readFlags([flag]))
    expect(fault.startsWith(`${flag.split('=')[0]}: `)).toBe(true)
    expect(fault).toContain(way)
    expect(fault).not.toContain('hunter2')
  })

  it('of an S3 key out of a file needs the other half', () => {
    const env = { AWS_ACCESS_KEY_ID_FILE: file('key', 'AKIA') }
    expect(faultsOf(() => readSettings(['worker'], { env }))).toEqual([
      'AWS_ACCESS_KEY_ID_FILE: A key and its secret go together: set both.',
    ])
  })
})

describe('a command line', () => {
  it.each([
    [
      ['--api-prot', '1'],
      ['--api-prot is no flag; did you mean --api-port?', '1 is no flag'],
    ],
    [['--api-port'], ['--api-port needs a value']],
    [['--log-levle=info'], ['--log-levle is no flag; did you mean --log-level?']],
    [['--log-level', 'info', 'now'], ['now is no flag']],
    [
      ['--', 'x'],
      ['-- is no flag', 'x is no flag'],
    ],
  ])('of %j is refused', (argv, faults) => {
    expect(faultsOf(() => readFlags(argv))).toEqual(faults)
  })

  it('that is wrong is named by its flag', () => {
    const flags = readFlags(['--api-port', '70000'])
    expect(faultsOf(() => readSettings(['api'], { env: {}, flags }))).toEqual([
      '--api-port: must be a whole number from 0 to 65535',
    ])
  })
})
