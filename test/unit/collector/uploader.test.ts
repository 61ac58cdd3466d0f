import {
  startUploader,
  type CaptureBucket,
  type Content,
  type UploaderOptions,
} from '@backtide/collector/capture/uploader'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { filesOf, temporaryFolder } from '../../helpers/captures.ts'
import { waitUntil } from '../../helpers/wait-until.ts'

const KEYS = [
  'x/y/a/20241231/23/h-1.lz4',
  'x/y/b/20250101/2/h-1.lz4',
  'x/y/a/20250101/10/h-1.lz4',
] as const

describe('an uploader', () => {
  it('uploads finished files, the oldest first, and deletes them; unfinished ones stay', async () => {
    const { root, bucket } = start()
    await waitUntil('all', () => filesOf(root).length === 1)
    expect([...bucket.objects.keys()]).toEqual(KEYS)
    expect(bucket.objects.get(KEYS[0])?.toString()).toBe(KEYS[0])
    expect(filesOf(root)).toEqual(['x/y/a/20250101/11/h-1.lz4.open'])
  })

  it('deletes a file only when the bucket says that it has it, whatever fails before', async () => {
    const bucket = fakeBucket()
    let calls = 0
    const failing: CaptureBucket = {
      // Each second call fails, a put after it was done.
      find: async (key) => {
        if (++calls % 2 === 0) throw new Error('no answer')
        return bucket.find(key)
      },
      put: async (key, file) => {
        await bucket.put(key, file)
        if (++calls % 2 === 0) throw new Error('no answer')
      },
    }
    const { root, troubles } = start({ bucket: failing })
    await waitUntil('all', () => filesOf(root).length === 1)
    expect([...bucket.objects.keys()].toSorted()).toEqual(KEYS.toSorted())
    expect(troubles.length).toBeGreaterThan(0)
  })

  it('never deletes a file of which the bucket has another, and says so once', async () => {
    const bucket = fakeBucket()
    bucket.objects.set(KEYS[0], Buffer.from('something else'))
    const { root, troubles, uploader } = start({ bucket })
    await waitUntil('the others', () => filesOf(root).length === 2)
    uploader.wake()
    await uploader.stop()
    expect(filesOf(root)).toContain(KEYS[0])
    expect(bucket.objects.get(KEYS[0])?.toString()).toBe('something else')
    expect(troubles).toEqual([expect.stringContaining(`another ${KEYS[0]}`)])
  })

  it('keeps files that it is to keep until room is needed', async () => {
    const { root, bucket, uploader } = start({ keepLocal: true })
    await waitUntil('all', () => bucket.objects.size === 3)
    await waitUntil('no backlog', async () => (await uploader.backlog()) === 0)
    expect(filesOf(root)).toHaveLength(4)
    expect(await uploader.makeRoom()).toBe(true)
    expect(filesOf(root)).toHaveLength(1)
    expect(await uploader.makeRoom()).toBe(false)
  })

  it('goes on when a file is finished later', async () => {
    const { root, bucket, uploader } = start()
    await waitUntil('all', () => bucket.objects.size === 3)
    write(root, 'x/y/a/20250102/0/h-1.lz4')
    uploader.wake()
    await waitUntil('the new one', () => bucket.objects.size === 4)
  })
})

function start(options: Partial<UploaderOptions> = {}) {
  const root = temporaryFolder()
  for (const key of KEYS) write(root, key)
  write(root, 'x/y/a/20250101/11/h-1.lz4.open')
  const bucket = fakeBucket()
  const troubles: string[] = []
  const uploader = startUploader({
    root,
    bucket,
    keepLocal: false,
    backoff: { firstMs: 5, mostMs: 5 },
    onTrouble: (message) => troubles.push(message),
    ...options,
  })
  onTestFinished(() => uploader.stop())
  return { root, bucket, troubles, uploader }
}

function write(root: string, key: string): void {
  mkdirSync(dirname(join(root, key)), { recursive: true })
  writeFileSync(join(root, key), key)
}

function fakeBucket(): CaptureBucket & { readonly objects: Map<string, Buffer> } {
  const objects = new Map<string, Buffer>()
  return {
    objects,
    find: (key) => Promise.resolve(contentOf(objects.get(key))),
    put: (key, { path }) => {
      if (objects.has(key)) return Promise.reject(new Error(`${key} is there`))
      objects.set(key, readFileSync(path))
      return Promise.resolve()
    },
  }
}

function contentOf(bytes: Buffer | undefined): Content | undefined {
  return bytes && { size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
}
