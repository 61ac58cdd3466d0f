import { createReadStream } from 'node:fs'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { assertInside, type KeptFacts, type KeptObjects } from './kept-objects.ts'

/**
 * Keeps objects as files under their keys. Beside each stands `<key>.meta.json`: its ETag, size and
 * SHA-256, written last; without it, or with another size, a file does not count.
 */
export function createKeptFolder(root: string): KeptObjects {
  const place = (key: string) => {
    assertInside(key)
    const file = join(root, key)
    return { file, meta: `${file}.meta.json` }
  }
  return {
    find: async (key) => {
      const { file, meta } = place(key)
      const facts = readFacts(key, await readIfThere(meta))
      if (!facts || (await sizeOf(file)) !== facts.size) return undefined
      return { ...facts, read: (signal) => createReadStream(file, { signal, highWaterMark: READ }) }
    },
    put: async (key, { file: from, ...facts }) => {
      const { file, meta } = place(key)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(`${from}.meta`, JSON.stringify({ key, ...facts }))
      // Killed in between, there is a file without its facts, which does not count.
      await rm(meta, { force: true })
      await rename(from, file)
      await rename(`${from}.meta`, meta)
    },
    remove: async (key) => {
      const { file, meta } = place(key)
      await rm(meta, { force: true })
      await rm(file, { force: true })
    },
  }
}

/** Bytes read at a time. */
const READ = 256 * 1024

async function readIfThere(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
}

async function sizeOf(file: string): Promise<number> {
  return await stat(file).then(
    ({ size }) => size,
    () => -1,
  )
}

/** Undefined also when they are of another key: some file systems do not tell `kPEPE` from `KPEPE`. */
function readFacts(key: string, text: string): KeptFacts | undefined {
  try {
    const facts = JSON.parse(text) as Partial<KeptFacts & { key: string }>
    const { etag, size, sha256 } = facts
    if (facts.key !== key || typeof etag !== 'string' || typeof size !== 'number') return undefined
    return typeof sha256 === 'string' ? { etag, size, sha256 } : undefined
  } catch {
    return undefined
  }
}
