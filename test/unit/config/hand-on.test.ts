import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig as readApi } from '@backtide/api/config'
import { handOn } from '@backtide/config/hand-on'
import { withPassword } from '@backtide/config/questdb-conf'
import { readConfig as readStack } from '@backtide/stack/config'
import { readConfig as readWorker } from '@backtide/worker/config'
import { describe, expect, it, onTestFinished } from 'vitest'

// Temporal's own configuration file, which a developer may have, is none of the tests' business.
const ALONE = { TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml' }

function folder(yaml?: string): string {
  const path = mkdtempSync(join(tmpdir(), 'backtide-hand-on-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  if (yaml !== undefined) writeFileSync(join(path, 'backtide.yaml'), yaml)
  return path
}

describe('what the stack hands on', () => {
  it('has worker and API read the same file, flags and variables', () => {
    const cwd = folder(
      'worker: { loads: 7, threads: 3 }\nlog: { level: warn }\ntempo: { loadTimeout: 9 }',
    )
    const env = { ...ALONE, BACKTIDE_MEMORY_MB: '256' }
    const argv = [
      '--json',
      '--worker-threads=5',
      '--api-port=9001',
      '--data-keep-raw=s3://mine/raw',
    ]
    const stack = readStack(env, '/clone', false, { argv, own: 'json', cwd })
    expect(stack.apiPort).toEqual({ port: 9001, setBy: '--api-port' })
    const handed = handOn(stack.settings, env, { BACKTIDE_METRICS_PORT: '9465' })
    // They run in the clone.
    const worker = readWorker(handed, [], '/clone')
    expect(worker).toMatchObject({
      loads: 7,
      threads: 5,
      memoryBytes: 256 * 1024 * 1024,
      logLevel: 'warn',
      keepRaw: { bucket: 'mine', prefix: 'raw/', region: 'us-east-1' },
      metrics: { port: 9465 },
    })
    expect(readApi(handed, [], '/clone')).toMatchObject({
      port: 9001,
      settings: { tempo: { loadTimeout: 9 } },
    })
  })

  it('has no file read that the stack did not read', () => {
    const clone = folder('worker: { loads: 7 }')
    const { settings } = readStack(ALONE, clone, false, { argv: [], own: 'json', cwd: folder() })
    expect(readWorker(handOn(settings, ALONE, {}), [], clone).loads).toBe(4)
  })

  it('replaces secrets out of files by those of local servers', () => {
    const secrets = folder()
    const path = join(secrets, 'secret')
    writeFileSync(path, 'from-the-file')
    const env = {
      ...ALONE,
      AWS_ACCESS_KEY_ID_FILE: path,
      AWS_SECRET_ACCESS_KEY_FILE: path,
      AWS_SESSION_TOKEN_FILE: path,
      TEMPORAL_API_KEY_FILE: path,
    }
    const { settings } = readStack(env, '/clone', true)
    const handed = handOn(settings, env, {
      QDB_CLIENT_CONF: 'http::addr=local:9000;',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_SESSION_TOKEN: undefined,
      TEMPORAL_API_KEY: undefined,
    })
    const worker = readWorker(handed)
    expect(worker.questdb).toBe('http::addr=local:9000;')
    expect(worker.s3Credentials).toBeUndefined()
    expect(worker.temporal.connection).not.toHaveProperty('apiKey')
  })
})

describe('secrets out of files', () => {
  it('reach S3, Temporal and QuestDB', () => {
    const secrets = folder()
    const fileOf = (name: string) => {
      writeFileSync(join(secrets, name), `the-${name}\n`)
      return join(secrets, name)
    }
    const cwd = folder('questdb: { conf: "http::addr=db:9000;username=me;" }')
    const env = {
      ...ALONE,
      BACKTIDE_QUESTDB_PASSWORD_FILE: fileOf('pass;word'),
      AWS_ACCESS_KEY_ID_FILE: fileOf('id'),
      AWS_SECRET_ACCESS_KEY_FILE: fileOf('secret'),
      AWS_SESSION_TOKEN: 'session',
      TEMPORAL_API_KEY_FILE: fileOf('key'),
    }
    expect(readWorker(env, [], cwd)).toMatchObject({
      questdb: 'http::addr=db:9000;username=me;password=the-pass;;word;',
      s3Credentials: {
        accessKeyId: 'the-id',
        secretAccessKey: 'the-secret',
        sessionToken: 'session',
      },
      temporal: { connection: { apiKey: 'the-key', tls: true } },
    })
  })

  it('of QuestDB are added only to a user without a password', () => {
    for (const conf of ['http::addr=db:1;', 'http::addr=db:1;username=a;password=b;']) {
      expect(withPassword(conf, 'other')).toBe(conf)
    }
    expect(withPassword('http::addr=db:1;username=a', 'other')).toBe(
      'http::addr=db:1;username=a;password=other;',
    )
  })
})
