import { readdir, readFile, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { examineBucket } from '@backtide/activities/objects/s3/examine-bucket'
import type { S3Credentials } from '@backtide/activities/objects/s3/client'
import { examine, type Finding } from '@backtide/core/finding'
import { VERSION } from '@backtide/core/version'
import type { Mirror, Mirrors } from '@backtide/config/mirrors'
import { registry } from '@backtide/datasets/registry'
import type { RawPlace } from './keep-raw.ts'

/** What is to be known of a worker to look around from where it is. */
export interface Surroundings {
  readonly mirrors?: Mirrors
  readonly s3Endpoint?: string
  readonly s3Credentials?: S3Credentials
  readonly keepRaw?: RawPlace
}

/** Looks at what only a worker can see: its sources with its credentials, its disk, its open files. */
export async function lookAround(surroundings: Surroundings): Promise<readonly Finding[]> {
  const { mirrors } = surroundings
  const named = new Map(registry.all.map(({ source }) => [source.name, source]))
  const sources = [...named.values()].map((source) => mirrors?.get(source.name) ?? source)
  const found = await Promise.all([
    version(),
    ...sources.map((source) => examineSource(source, surroundings)),
    examine('disk', () => examineDisk(surroundings)),
    examine('open files', examineOpenFiles),
  ])
  return onePerCheck(found.flat())
}

/** Several buckets have one clock. */
function onePerCheck(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>()
  return findings.filter(({ check, detail }) => {
    const key = `${check} ${detail}`
    return !seen.has(key) && seen.add(key)
  })
}

function version(): Promise<readonly Finding[]> {
  const detail = `Backtide ${VERSION}, Node ${process.version}`
  return Promise.resolve([{ check: 'version', state: 'ok', detail }])
}

async function examineSource(
  source: Mirror,
  { s3Endpoint: endpoint, s3Credentials: credentials }: Surroundings,
): Promise<readonly Finding[]> {
  if (source.kind === 's3') {
    const reached = { ...(endpoint && { endpoint }), ...(credentials && { credentials }) }
    return await examine(
      `bucket ${source.bucket}`,
      (signal) => examineBucket(source, reached, signal),
      { state: 'down', fix: 'check the way of the worker to S3, and AWS_ENDPOINT_URL_S3' },
    )
  }
  const { origin } = new URL(source.baseUrl)
  return await examine(
    `source ${source.name}`,
    async (signal) => {
      await fetch(origin, { method: 'HEAD', redirect: 'manual', signal })
      return [{ check: `source ${source.name}`, state: 'ok', detail: `${origin} answers` }]
    },
    { state: 'warning', fix: `check the way of the worker to ${origin}: its datasets wait for it` },
  )
}

/** Less than this is soon full, bytes. */
const LITTLE = 2e9

async function examineDisk({ keepRaw }: Surroundings): Promise<readonly Finding[]> {
  const folder = keepRaw && 'folder' in keepRaw ? keepRaw.folder : tmpdir()
  const { bavail, bsize } = await statfs(folder)
  const bytes = bavail * bsize
  const detail = `${(bytes / 1e9).toFixed(1)} GB are free where the worker keeps objects (${folder})`
  if (bytes > LITTLE) return [{ check: 'disk', state: 'ok', detail }]
  const fix = 'make room there, or set TMPDIR or BACKTIDE_KEEP_RAW to another disk'
  return [{ check: 'disk', state: 'warning', detail, fix }]
}

/** Linux only; elsewhere it is not told. */
async function examineOpenFiles(): Promise<readonly Finding[]> {
  if (process.platform !== 'linux') return []
  const [open, limits] = await Promise.all([
    readdir('/proc/self/fd'),
    readFile('/proc/self/limits', 'utf8'),
  ])
  const limit = Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Infinity)
  const detail = `${open.length} of ${limit} open`
  if (open.length < limit / 2) return [{ check: 'open files', state: 'ok', detail }]
  return [{ check: 'open files', state: 'warning', detail, fix: 'ulimit -n 65536 for the worker' }]
}
