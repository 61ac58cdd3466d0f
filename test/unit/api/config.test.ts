import { readConfig } from '@backtide/api/config'
import { ConfigError } from '@backtide/config/config-error'
import { describe, expect, it } from 'vitest'

const TOKEN = 'a-token-of-the-tests'
// Temporal's own configuration file, which a developer may have, is none of the tests' business.
const ALONE = { TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml' }
const read = (env: Record<string, string>) => readConfig({ ...ALONE, ...env })

describe('The configuration', () => {
  it('listens on loopback by default and is frozen', () => {
    const config = read({})
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 8484,
      questdb: 'http::addr=127.0.0.1:9000;',
      temporal: { connection: { address: '127.0.0.1:7233' }, namespace: 'default' },
      settings: { allowedHosts: ['localhost', '127.0.0.1', '[::1]'] },
    })
    expect(() => Object.assign(config.settings.tempo, { loadTimeout: 1 })).toThrow(TypeError)
  })

  it('uses the names of the ecosystem', () => {
    const env = {
      TEMPORAL_ADDRESS: 'temporal:7233',
      TEMPORAL_NAMESPACE: 'market',
      QDB_CLIENT_CONF: 'http::addr=questdb:9000;',
    }
    expect(read(env)).toMatchObject({
      questdb: 'http::addr=questdb:9000;',
      temporal: { connection: { address: 'temporal:7233' }, namespace: 'market' },
      settings: { namespace: 'market' },
    })
  })

  it('takes an empty variable as not set', () => {
    expect(read({ BACKTIDE_PORT: '', BACKTIDE_TOKEN: '' }).port).toBe(8484)
  })

  it.each(['0.0.0.0', '::', '192.168.1.2', 'backtide.example'])(
    'refuses to listen on %s without a token',
    (host) => {
      expect(() => read({ BACKTIDE_HOST: host })).toThrow(ConfigError)
      const { settings } = read({ BACKTIDE_HOST: host, BACKTIDE_TOKEN: TOKEN })
      expect(settings.allowedHosts).toBeUndefined()
    },
  )

  it('takes a part of the tempo from BACKTIDE_TEMPO', () => {
    const { tempo } = read({
      BACKTIDE_TEMPO: '{"retryMaximumInterval":200,"dayRestarts":[10]}',
    }).settings
    expect(tempo).toMatchObject({
      retryMaximumInterval: 200,
      dayRestarts: [10],
      deferInitial: 5000,
    })
  })

  it.each([
    ['BACKTIDE_PORT', '65536'],
    ['BACKTIDE_PORT', 'http'],
    ['BACKTIDE_HOST', 'a b'],
    ['BACKTIDE_TOKEN', 'short'],
    ['BACKTIDE_TEMPORAL_UI', 'javascript:alert(1)'],
    ['BACKTIDE_LOG_LEVEL', 'loud'],
    ['BACKTIDE_TEMPO', '{"loadTimeout":-1}'],
    ['BACKTIDE_TEMPO', '{"unknown":1}'],
    ['BACKTIDE_TEMPO', 'fast'],
  ])('names %s when it is %s, but not its value', (name, value) => {
    const error = catchError(() => read({ [name]: value }))
    expect(error).toBeInstanceOf(ConfigError)
    expect(error.message).toContain(name)
    if (name === 'BACKTIDE_TOKEN') expect(error.message).not.toContain(value)
  })
})

function catchError(work: () => unknown): Error {
  try {
    work()
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('nothing was thrown')
}
