import { readConfig } from '@backtide/stack/config'
import { StackError } from '@backtide/stack/stack-error'
import { describe, expect, it } from 'vitest'

const read = (env: NodeJS.ProcessEnv, sample = false) => readConfig(env, '/clone', sample)

describe('the configuration of the local stack', () => {
  it('brings everything up on loopback when nothing is configured', () => {
    expect(read({})).toMatchObject({
      dataDir: '/clone/.backtide',
      host: '127.0.0.1',
      apiPort: { port: 8484, explicit: false },
      metricsPort: { port: 9464, explicit: false },
      namespace: 'default',
      temporal: undefined,
      questdb: undefined,
      s3: undefined,
    })
  })

  it('uses what is configured as it is', () => {
    const env = {
      TEMPORAL_ADDRESS: 'cluster:7233',
      QDB_CLIENT_CONF: 'http::addr=db:9000;username=a;password=b;',
      AWS_ENDPOINT_URL_S3: 'http://minio:9000',
      BACKTIDE_PORT: '9999',
      BACKTIDE_DATA_DIR: '/data',
    }
    expect(read(env)).toMatchObject({
      temporal: 'cluster:7233',
      questdb: 'http::addr=db:9000;username=a;password=b;',
      s3: 'http://minio:9000',
      apiPort: { port: 9999, explicit: true },
      dataDir: '/data',
    })
  })

  it('takes an empty variable as not set', () => {
    expect(read({ TEMPORAL_ADDRESS: '', BACKTIDE_PORT: ' ' })).toMatchObject({
      temporal: undefined,
      apiPort: { port: 8484, explicit: false },
    })
  })

  it('takes AWS credentials as AWS, but never for the sample archive, which is written', () => {
    const env = { AWS_PROFILE: 'work' }
    expect(read(env).s3).toBe('https://s3.amazonaws.com')
    expect(read(env, true).s3).toBeUndefined()
  })

  it('refuses to write the sample archive to an endpoint of AWS', () => {
    const env = { AWS_ENDPOINT_URL_S3: 'https://s3.us-east-1.amazonaws.com' }
    expect(refusal(env, true)).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('AWS_ENDPOINT_URL_S3'),
    })
  })

  it.each([
    [{ BACKTIDE_PORT: '70000' }, /BACKTIDE_PORT.*65535/],
    [{ BACKTIDE_PORT: '0x10' }, /BACKTIDE_PORT/],
    [{ BACKTIDE_METRICS_PORT: 'no' }, /BACKTIDE_METRICS_PORT/],
    [{ TEMPORAL_ADDRESS: 'http://cluster' }, /TEMPORAL_ADDRESS.*host:port/],
    [{ AWS_ENDPOINT_URL_S3: 'minio' }, /AWS_ENDPOINT_URL_S3/],
    [{ BACKTIDE_HOST: '0.0.0.0' }, /BACKTIDE_TOKEN/],
    [{ BACKTIDE_TOKEN: 'short' }, /BACKTIDE_TOKEN has to have 16/],
  ])('refuses %j, naming the variable', (env, message) => {
    expect(refusal(env)).toMatchObject({ exitCode: 2, message: expect.stringMatching(message) })
  })

  it('keeps a password out of the message about a wrong QDB_CLIENT_CONF', () => {
    const { message } = refusal({ QDB_CLIENT_CONF: 'password=hunter2;' })
    expect(message).toContain('QDB_CLIENT_CONF')
    expect(message).not.toContain('hunter2')
  })
})

function refusal(env: NodeJS.ProcessEnv, sample = false): StackError {
  try {
    read(env, sample)
  } catch (error) {
    if (error instanceof StackError) return error
  }
  throw new Error('it was not refused')
}
