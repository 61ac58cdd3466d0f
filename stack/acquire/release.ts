import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from '../processes/run-command.ts'

/** An archive in a GitHub release. */
export interface Release {
  readonly repository: string
  readonly tag: string
  readonly asset: string
  /** Asset that lists SHA-256 sums; without one GitHub's own digest of the archive is used. */
  readonly checksums?: string
}

/** Where releases are; other addresses are for tests. */
export interface ReleaseHosts {
  readonly web: string
  readonly api: string
}

export const GITHUB: ReleaseHosts = { web: 'https://github.com', api: 'https://api.github.com' }

// Without internet this must not keep people waiting before the next way is tried.
const REACH_MS = 5_000
const DOWNLOAD_MS = 600_000

/**
 * Downloads a release archive, checks it against the published SHA-256 and unpacks it, without its
 * top folder if `strip` is 1.
 * @throws Error when it is not reachable, its sum is not published, or differs
 */
export async function unpackRelease(
  release: Release,
  folder: string,
  strip: 0 | 1,
  hosts: ReleaseHosts = GITHUB,
): Promise<void> {
  const expected = await publishedSum(release, hosts)
  const bytes = await get(assetUrl(release, release.asset, hosts), DOWNLOAD_MS)
  const actual = createHash('sha256').update(bytes).digest('hex')
  if (actual !== expected) {
    throw new Error(`${release.asset} has the SHA-256 ${actual}, published is ${expected}`)
  }
  const archive = join(folder, release.asset)
  writeFileSync(archive, bytes)
  await runCommand({
    name: 'tar',
    command: 'tar',
    args: ['-xzf', archive, '-C', folder, `--strip-components=${strip}`],
    logFile: join(folder, 'unpack.log'),
  })
}

async function publishedSum(release: Release, hosts: ReleaseHosts): Promise<string> {
  const { asset, checksums } = release
  const url = checksums ? assetUrl(release, checksums, hosts) : metadataUrl(release, hosts)
  const text = (await get(url, REACH_MS)).toString()
  const sum = checksums ? sumInList(text, asset) : sumInMetadata(text, asset)
  if (!sum) throw new Error(`no SHA-256 of ${asset} is published`)
  return sum
}

/** Reads lines of `<sha256>  <file>`. */
function sumInList(list: string, asset: string): string | undefined {
  const pairs = list.split('\n').map((line) => line.trim().split(/\s+\*?/))
  return pairs.find(([, file]) => file === asset)?.[0]?.toLowerCase()
}

/** Reads GitHub's description of a release: `assets[].digest` is `sha256:<hex>`. */
function sumInMetadata(json: string, asset: string): string | undefined {
  const metadata: { assets?: readonly { name?: string; digest?: string | null }[] } =
    JSON.parse(json)
  const digest = metadata.assets?.find(({ name }) => name === asset)?.digest
  return digest?.startsWith('sha256:') ? digest.slice('sha256:'.length) : undefined
}

async function get(url: string, timeoutMs: number): Promise<Buffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) })
  if (!response.ok) throw new Error(`${url} answers ${response.status}`)
  return Buffer.from(await response.arrayBuffer())
}

function assetUrl(release: Release, asset: string, hosts: ReleaseHosts): string {
  return `${hosts.web}/${release.repository}/releases/download/${release.tag}/${asset}`
}

function metadataUrl(release: Release, hosts: ReleaseHosts): string {
  return `${hosts.api}/repos/${release.repository}/releases/tags/${release.tag}`
}
