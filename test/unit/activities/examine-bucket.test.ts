import { examineBucket } from '@backtide/activities/objects/s3/examine-bucket'
import { Hono, type Context } from 'hono'
import { describe, expect, it } from 'vitest'
import { serveApp } from '../cli/run-cli.ts'

const PLACE = { bucket: 'archive', region: 'us-east-1', requesterPays: true }
const CREDENTIALS = { accessKeyId: 'key', secretAccessKey: 'secret' }

function refusal(c: Context, status: 403 | 404, code: string) {
  const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`
  return c.body(body, status, { 'Content-Type': 'application/xml' })
}

const EMPTY = '<?xml version="1.0"?><ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>'

interface Answers {
  readonly list: (c: Context) => Response
  readonly head?: (c: Context) => Response
  readonly headers?: Readonly<Record<string, string>>
}

/** Examines a bucket of an S3 that answers so. */
async function examined({ list, head, headers = {} }: Answers) {
  const asked: string[] = []
  const app = new Hono()
  app.use(async (c, next) => {
    const payer = c.req.header('x-amz-request-payer') ?? ''
    asked.push(`${c.req.method} ${c.req.path} ${payer}`.trim())
    await next()
    for (const [name, value] of Object.entries(headers)) c.res.headers.set(name, value)
  })
  app.get('/archive/', (c) => (c.req.method === 'HEAD' ? c.body(null, 403) : list(c)))
  app.get('/archive', (c) => (c.req.method === 'HEAD' ? c.body(null, 403) : list(c)))
  app.get('/archive/*', (c) => head?.(c) ?? c.body(null, 500))
  await using server = await serveApp(app)
  const options = { endpoint: server.address, credentials: CREDENTIALS }
  const findings = await examineBucket(PLACE, options, AbortSignal.timeout(5_000))
  return { findings, asked }
}

const listed = (c: Context) => c.body(EMPTY, 200, { 'Content-Type': 'application/xml' })
const denied = (c: Context) => refusal(c, 403, 'AccessDenied')

describe('What reading a bucket would come to', () => {
  it('is well where it may be listed, and says who pays', async () => {
    const { findings, asked } = await examined({ list: listed })
    expect(findings).toEqual([
      {
        check: 'bucket archive',
        state: 'ok',
        detail:
          'may be read and listed; an absent object is told by 404; requester pays: you pay AWS for what is read',
      },
      { check: 'clock of S3', state: 'ok', detail: 'agrees with the clock here' },
    ])
    expect(asked).toHaveLength(2)
    expect(asked[1]).toContain('requester')
  })

  it('is doubtful where 403 is all there is: it says how that will read', async () => {
    const { findings } = await examined({ list: denied, head: (c) => c.body(null, 403) })
    expect(findings[0]).toMatchObject({
      state: 'warning',
      detail: expect.stringContaining(
        'counts as missing only while another one can be read',
      ) as string,
      fix: expect.stringContaining('s3:ListBucket') as string,
    })
  })

  it('is well where an absent object is told by 404 all the same', async () => {
    const { findings } = await examined({ list: denied, head: (c) => c.body(null, 404) })
    expect(findings[0]).toMatchObject({ state: 'ok' })
  })

  it.each([
    ['NoSuchBucket', 404, 'AWS_ENDPOINT_URL_S3'],
    ['ExpiredToken', 403, 'log in again'],
    ['InvalidAccessKeyId', 403, 'AWS_ACCESS_KEY_ID'],
    ['RequestTimeTooSkewed', 403, 'NTP'],
  ] as const)('with %s says what to do', async (code, status, fix) => {
    const { findings } = await examined({ list: (c) => refusal(c, status, code) })
    expect(findings[0]).toMatchObject({
      state: 'warning',
      fix: expect.stringContaining(fix) as string,
    })
    expect(JSON.stringify(findings)).not.toContain('secret')
  })

  it('names another region, and a clock that S3 would refuse', async () => {
    const date = new Date(Date.now() - 20 * 60_000).toUTCString()
    const headers = { 'x-amz-bucket-region': 'eu-west-1', date }
    const { findings } = await examined({ list: listed, headers })
    expect(findings).toMatchObject([
      { state: 'ok' },
      { check: 'region', state: 'warning', detail: expect.stringContaining('eu-west-1') as string },
      {
        check: 'clock of S3',
        state: 'warning',
        detail: expect.stringContaining('behind') as string,
      },
    ])
  })
})
