import { ConfigError } from '@backtide/config/config-error'
import { readConfig } from '@backtide/stack/config'
import { StackError } from '@backtide/stack/stack-error'
import { describe, expect, it } from 'vitest'

const read = (env: NodeJS.ProcessEnv, demo = false) => readConfig(env, '/clone', demo)

describe('the configuration of the local stack', () => {
  it('brings everything up on loopback when nothing is configured', () => {
    expect(read({})).toMatchObject({
      dataDir: '/clone/.backtide',
      host: '127.0.0.1',
      apiPort: { port: 8484 },
      metricsPort: { port: 9464 },
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
      apiPort: { port: 9999, setBy: 'BACKTIDE_PORT' },
      dataDir: '/data',
    })
  })

  it('takes an empty variable as not set', () => {
    expect(read({ TEMPORAL_ADDRESS: '', BACKTIDE_PORT: ' ' })).toMatchObject({
      temporal: undefined,
      apiPort: { port: 8484 },
    })
  })

  it('takes AWS credentials as AWS, but never for the demo, whose sample is written', () => {
    const env = { AWS_PROFILE: 'work' }
    expect(read(env).s3).toBe('https://s3.amazonaws.com')
    expect(read(env, true).s3).toBeUndefined()
  })

  it('refuses a demo over an endpoint of AWS, where no sample is ever written', () => {
    const env = { AWS_ENDPOINT_URL_S3: 'https://s3.us-east-1.amazonaws.com' }
    expect(refusal(env, true)).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('AWS_ENDPOINT_URL_S3'),
    })
  })

  it.each([
    [{}, /local S3 gateway, as no AWS credentials are set/],
    [{ AWS_PROFILE: 'work' }, /from AWS, as AWS_PROFILE is set.*paid.*Unset it/],
    [{ AWS_ACCESS_KEY_ID: 'AKIA' }, /from AWS, as AWS_ACCESS_KEY_ID is set/],
    [{ AWS_ENDPOINT_URL_S3: 'http://minio:9000' }, /http:\/\/minio:9000, as AWS_ENDPOINT_URL_S3/],
    [
      { AWS_ENDPOINT_URL: 'http://minio:9000', AWS_PROFILE: 'work' },
      /http:\/\/minio:9000, as AWS_ENDPOINT_URL is set/,
    ],
  ])('says of %j which archive is read, and why', (env, sentence) => {
    expect(read(env).archive).toMatch(sentence)
  })

  it('says that the demo leaves AWS credentials alone', () => {
    expect(read({ AWS_PROFILE: 'work' }, true).archive).toMatch(/local.*AWS_PROFILE is not used/)
  })

  it('keeps a password in the address of S3 out of what it says', () => {
    const { archive } = read({ AWS_ENDPOINT_URL_S3: 'http://me:hunter2@minio:9000' })
    expect(archive).not.toContain('hunter2')
  })

  it('has the sample loaded where database and S3 are the local ones', () => {
    expect(read({}).noSample).toBeUndefined()
    expect(read({ TEMPORAL_ADDRESS: 'cluster:7233' }).noSample).toBeUndefined()
  })

  it.each([
    [{ QDB_CLIENT_CONF: 'http::addr=db:9000;' }, 'QuestDB is configured'],
    [{ AWS_ENDPOINT_URL_S3: 'http://minio:9000' }, 'S3 is configured'],
    [{ AWS_PROFILE: 'work' }, 'S3 is configured'],
    [{ QDB_CLIENT_CONF: 'http::addr=db:9000;', AWS_PROFILE: 'work' }, 'QuestDB and S3 is'],
  ])('has no sample written to servers of %j, and says so', (env, sentence) => {
    expect(read(env).noSample).toContain(sentence)
  })

  it.each(['QDB_CLIENT_CONF', 'AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL'])(
    'refuses a demo over a configured %s, naming it',
    (name) => {
      const value = name === 'QDB_CLIENT_CONF' ? 'http::addr=db:9000;' : 'http://minio:9000'
      expect(refusal({ [name]: value }, true)).toMatchObject({
        exitCode: 2,
        message: expect.stringContaining(name),
      })
    },
  )

  it.each([
    [{ BACKTIDE_PORT: '70000' }, /BACKTIDE_PORT.*65535/],
    [{ BACKTIDE_PORT: '0x10' }, /BACKTIDE_PORT/],
    [{ BACKTIDE_METRICS_PORT: 'no' }, /BACKTIDE_METRICS_PORT/],
    [{ TEMPORAL_ADDRESS: 'http://cluster' }, /TEMPORAL_ADDRESS.*host:port/],
    [{ AWS_ENDPOINT_URL_S3: 'minio' }, /AWS_ENDPOINT_URL_S3/],
    [{ BACKTIDE_HOST: '0.0.0.0' }, /BACKTIDE_TOKEN/],
    [{ BACKTIDE_TOKEN: 'short' }, /BACKTIDE_TOKEN: Use 16/],
    [{ BACKTIDE_PORT: '0' }, /BACKTIDE_PORT.*65535/],
    [{ BACKTIDE_LOADS: 'many' }, /BACKTIDE_LOADS/],
  ])('refuses %j, naming the variable', (env, message) => {
    expect(() => read(env)).toThrow(ConfigError)
    expect(() => read(env)).toThrow(message)
  })

  it('keeps a password out of the message about a wrong QDB_CLIENT_CONF', () => {
    const env = { QDB_CLIENT_CONF: 'password=hunter2;' }
    expect(() => read(env)).toThrow('QDB_CLIENT_CONF')
    expect(() => read(env)).not.toThrow('hunter2')
  })
})

function refusal(env: NodeJS.ProcessEnv, demo = false): StackError {
  try {
    read(env, demo)
  } catch (error) {
    if (error instanceof StackError) return error
  }
  throw new Error('it was not refused')
}
