import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigError } from '@backtide/config/config-error'
import { readSettings } from '@backtide/config/read-settings'
import type { Reader } from '@backtide/config/setting'
import { describe, expect, it, onTestFinished } from 'vitest'
import { faultsOf } from './faults-of.ts'

const ALL: readonly Reader[] = ['worker', 'api', 'stack', 'cli']

/** A folder of its own with a `backtide.yaml` of these lines. */
function folderWith(...lines: readonly string[]): string {
  const cwd = mkdtempSync(join(tmpdir(), 'backtide-config-'))
  onTestFinished(() => rmSync(cwd, { recursive: true }))
  writeFileSync(join(cwd, 'backtide.yaml'), lines.join('\n'))
  return cwd
}

function read(...lines: readonly string[]) {
  return readSettings(ALL, { env: {}, cwd: folderWith(...lines) })
}

describe('backtide.yaml', () => {
  it('is read from the folder a process starts in, and says where each value stands', () => {
    const settings = read('# mine', 'api:', '  port: 9000', 'worker:', '  roles: [load]')
    expect(settings.get('api.port')).toBe(9000)
    expect(settings.origin('api.port')).toEqual({ from: 'file', name: 'backtide.yaml:3:9' })
    expect(settings.get('worker.roles')).toEqual(['load'])
    expect(settings.file?.shown).toBe('backtide.yaml')
  })

  it('need not be there, and may be empty, or have sections with nothing in them', () => {
    expect(readSettings(ALL, { env: {}, cwd: tmpdir() }).file).toBeUndefined()
    expect(read('').get('api.port')).toBe(8484)
    expect(read('api:', '  # port: 1', 'log:', '  level:').get('log.level')).toBe('info')
  })

  it('is not read by itself where no folder is given', () => {
    expect(readSettings(ALL, { env: {} }).file).toBeUndefined()
  })

  it('has paths that are relative to its folder', () => {
    const cwd = folderWith('data:', '  dir: data', '  keepRaw: raw')
    const settings = readSettings(ALL, { env: { CONFIG_PATH: join(cwd, 'backtide.yaml') } })
    expect(settings.get('data.dir')).toBe(join(cwd, 'data'))
    expect(settings.get('data.keepRaw')).toEqual({ folder: join(cwd, 'raw') })
    expect(read('data:', '  keepRaw: s3://mine/raw').get('data.keepRaw')).toEqual({
      bucket: 'mine',
      prefix: 'raw/',
    })
  })

  it('has sources as they are written in YAML', () => {
    const sources = ['sources:', '  hyperliquid-archive:', '    bucket: mirror']
    expect(
      read(...sources)
        .get('sources')
        ?.get('hyperliquid-archive'),
    ).toMatchObject({
      bucket: 'mirror',
      region: 'us-east-1',
    })
  })

  it.each([
    [['api:', '  prot: 1'], 'backtide.yaml:2:3: api.prot is no setting; did you mean api.port?'],
    [['apii:', '  port: 1'], 'backtide.yaml:1:1: apii is no setting; did you mean api?'],
    [['log:', '  file: a'], 'backtide.yaml:2:3: log.file is no setting; known are log.level'],
    [['api.port: 1'], 'backtide.yaml:1:1: api.port is written as port in the section api'],
    [
      ['BACKTIDE_PORT: 1'],
      'backtide.yaml:1:1: BACKTIDE_PORT is a variable; in a file it is api.port',
    ],
    [['api: 1'], 'backtide.yaml:1:6: there have to be settings, such as api.host'],
    [['- api'], 'backtide.yaml:1:1: there have to be sections'],
    [
      ['api:', '  port: http'],
      'backtide.yaml:2:9: api.port: must be a whole number from 0 to 65535',
    ],
    [
      ['api:', '  port: "80"'],
      'backtide.yaml:2:9: api.port: must be a whole number from 0 to 65535',
    ],
    [
      ['worker:', '  roles: [load,', '    lod]'],
      'backtide.yaml:3:5: worker.roles.1: must be of control, load',
    ],
    [
      ['sources:', '  hyperliquid-archive:', '    bukket: a'],
      'backtide.yaml:3:13: sources.hyperliquid-archive: bukket is no field; did you mean bucket?',
    ],
    [
      ['sources:', '  hyperliquid-archive: { region: UP }'],
      'backtide.yaml:2:34: sources.hyperliquid-archive.region: must be a region',
    ],
    [
      ['tempo: { loadTimeout: 0 }'],
      'backtide.yaml:1:23: tempo.loadTimeout: must be a whole number',
    ],
  ])('of %j is refused with line and column', (lines, fault) => {
    expect(faultsOf(() => read(...lines))).toEqual([expect.stringContaining(fault)])
  })

  it.each([
    [['api: {'], /^backtide\.yaml:\d+:\d+: /],
    [['api:', '  port: 1', '  port: 2'], /^backtide\.yaml:3:3: .*unique/],
    [['log: { level: *info }'], /^backtide\.yaml:1:15: .*alias/],
  ])('that is no YAML is refused with line and column: %j', (lines, fault) => {
    expect(faultsOf(() => read(...lines))[0]).toMatch(fault)
  })

  it('says everything that is wrong at once', () => {
    const lines = ['api:', '  prot: 1', '  port: 70000', 'log:', '  level: loud']
    expect(faultsOf(() => read(...lines))).toHaveLength(3)
  })

  it('is wrong as a whole, also where a variable wins or the process reads something else', () => {
    const cwd = folderWith('api:', '  port: http')
    expect(() => readSettings(['worker'], { env: {}, cwd })).toThrow(ConfigError)
    expect(() => readSettings(['api'], { env: { BACKTIDE_PORT: '1' }, cwd })).toThrow(ConfigError)
  })

  it.each([
    ['api.token', ['api:', '  token: hunter2hunter2hunter2'], 'BACKTIDE_TOKEN_FILE'],
    ['s3.secretAccessKey', ['s3:', '  secretAccessKey: hunter2'], 'AWS_SECRET_ACCESS_KEY_FILE'],
    ['questdb.password', ['questdb:', '  password: hunter2'], 'BACKTIDE_QUESTDB_PASSWORD'],
    [
      'questdb.conf',
      ['questdb:', '  conf: http::addr=db:9000;username=a;password=hunter2;'],
      'QDB_CLIENT_CONF_FILE',
    ],
    [
      's3.endpoint',
      ['s3:', '  endpoint: http://me:hunter2@minio:9000'],
      'AWS_ENDPOINT_URL_S3_FILE',
    ],
  ])(
    'has no place for a secret in %s, says where it goes, and never what it is',
    (key, lines, way) => {
      const [fault = '', ...others] = faultsOf(() => read(...lines))
      expect(fault).toMatch(/^backtide\.yaml:2:3: /)
      expect(fault).toContain(`${key} `)
      expect(fault).toContain(way)
      expect(fault).not.toContain('hunter2')
      expect(others).toEqual([])
    },
  )
})

describe('another file', () => {
  it('is named by --config before CONFIG_PATH before backtide.yaml', () => {
    const cwd = folderWith('log: { level: error }')
    for (const level of ['warn', 'debug']) {
      writeFileSync(join(cwd, `${level}.yaml`), `log: { level: ${level} }`)
    }
    const env = { CONFIG_PATH: 'warn.yaml' }
    const flags = {
      settings: new Map(),
      switches: new Set<string>(),
      config: join(cwd, 'debug.yaml'),
    }
    expect(readSettings(ALL, { env: {}, cwd }).get('log.level')).toBe('error')
    expect(readSettings(ALL, { env, cwd }).get('log.level')).toBe('warn')
    expect(readSettings(ALL, { env, cwd, flags }).get('log.level')).toBe('debug')
    expect(readSettings(ALL, { env, cwd, flags }).origin('log.level').name).toBe('debug.yaml:1:15')
  })

  it('has to be there', () => {
    const flags = { settings: new Map(), switches: new Set<string>(), config: '/nowhere/a.yaml' }
    expect(faultsOf(() => readSettings(ALL, { env: {}, cwd: '/', flags }))).toEqual([
      '--config: nowhere/a.yaml cannot be read (ENOENT).',
    ])
    const env = { CONFIG_PATH: '/nowhere/a.yaml' }
    expect(faultsOf(() => readSettings(ALL, { env }))).toEqual([
      'CONFIG_PATH: /nowhere/a.yaml cannot be read (ENOENT).',
    ])
  })

  it('is none at all where it is /dev/null', () => {
    const cwd = folderWith('log: { level: error }')
    expect(readSettings(ALL, { env: { CONFIG_PATH: '/dev/null' }, cwd }).file).toBeUndefined()
  })
})
