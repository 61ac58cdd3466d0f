import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unpackRelease, type ReleaseHosts } from '@backtide/stack/acquire/release'
import { expect, it, onTestFinished } from 'vitest'

const RELEASE = { repository: 'owner/tool', tag: 'v1.2.3', asset: 'tool.tar.gz' }
const WITH_LIST = { ...RELEASE, checksums: 'checksums.txt' }
const DOWNLOADS = '/owner/tool/releases/download/v1.2.3'

it('unpacks a release whose sum is in its list of checksums', async () => {
  const archive = packed('the tool')
  const hosts = await serve({
    [`${DOWNLOADS}/tool.tar.gz`]: archive,
    [`${DOWNLOADS}/checksums.txt`]: `${'0'.repeat(64)}  other.tar.gz\n${sha256(archive)}  tool.tar.gz\n`,
  })
  const folder = temporary()
  await unpackRelease(WITH_LIST, folder, 1, hosts)
  expect(readFileSync(join(folder, 'tool'), 'utf8')).toBe('the tool')
})

it('takes the digest of the release itself where there is no list', async () => {
  const archive = packed('the tool')
  const metadata = { assets: [{ name: 'tool.tar.gz', digest: `sha256:${sha256(archive)}` }] }
  const hosts = await serve({
    [`${DOWNLOADS}/tool.tar.gz`]: archive,
    '/repos/owner/tool/releases/tags/v1.2.3': JSON.stringify(metadata),
  })
  const folder = temporary()
  await unpackRelease(RELEASE, folder, 1, hosts)
  expect(readFileSync(join(folder, 'tool'), 'utf8')).toBe('the tool')
})

it('refuses bytes that are not the published ones', async () => {
  const hosts = await serve({
    [`${DOWNLOADS}/tool.tar.gz`]: packed('another tool'),
    [`${DOWNLOADS}/checksums.txt`]: `${sha256(packed('the tool'))}  tool.tar.gz\n`,
  })
  await expect(unpackRelease(WITH_LIST, temporary(), 1, hosts)).rejects.toThrow(
    /SHA-256.*published/,
  )
})

it('refuses a release without a published sum', async () => {
  const hosts = await serve({
    [`${DOWNLOADS}/tool.tar.gz`]: packed('the tool'),
    [`${DOWNLOADS}/checksums.txt`]: '',
  })
  await expect(unpackRelease(WITH_LIST, temporary(), 1, hosts)).rejects.toThrow(/no SHA-256/)
})

it('says which address does not have it', async () => {
  await expect(unpackRelease(WITH_LIST, temporary(), 1, await serve({}))).rejects.toThrow(
    /checksums\.txt answers 404/,
  )
})

function packed(content: string): Buffer {
  const folder = temporary()
  writeFileSync(join(folder, 'tool'), content)
  return execFileSync('tar', [
    '-czf',
    '-',
    '-C',
    join(folder, '..'),
    folder.split('/').at(-1) ?? '',
  ])
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'backtide-test-release-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

async function serve(files: Readonly<Record<string, string | Buffer>>): Promise<ReleaseHosts> {
  const server: Server = createServer((request, response) => {
    const file = files[request.url ?? '']
    response.statusCode = file === undefined ? 404 : 200
    response.end(file)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { web: address, api: address }
}
