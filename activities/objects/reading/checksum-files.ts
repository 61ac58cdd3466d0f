import { createHash } from 'node:crypto'
import { SourceUnavailableError } from '../errors.ts'
import type { BodyCheck } from './read-object.ts'
import type { Version } from './ranged-archive.ts'

/** Compares bodies with the SHA-256 sums that an archive keeps in files beside them. */
export interface ChecksumFiles {
  /**
   * Why a version is not to be read: its bytes came twice, were the same, and are not those of its
   * checksum file, which says so still. @throws SourceUnavailableError
   */
  refusalOf(key: string, version: Version, signal: AbortSignal): Promise<string | undefined>
  /** Asks for the checksum file at once and compares when the body has passed. */
  of(key: string, version: Version, signal: AbortSignal): BodyCheck
}

/** All bytes of a small object, undefined where there is none. @throws SourceUnavailableError */
export type ReadSmall = (key: string, signal: AbortSignal) => Promise<Buffer | undefined>

/** Versions remembered whose bytes are not what their checksum file says. */
const MOST_DOUBTED = 10_000

/**
 * A body that differs from its sum is weather the first time, and fetched again. The same bytes a
 * second time are what the archive holds: from then on this version is refused, until its checksum
 * file is mended. Without a checksum file nothing is proven, and nothing is wrong.
 * https://github.com/binance/binance-public-data (CHECKSUM)
 */
export function createChecksumFiles(read: ReadSmall): ChecksumFiles {
  const doubted = new Map<string, { readonly digest: string; readonly lasting: boolean }>()

  function doubt(version: string, digest: string): void {
    const lasting = doubted.get(version)?.digest === digest
    doubted.delete(version)
    doubted.set(version, { digest, lasting })
    if (doubted.size > MOST_DOUBTED) doubted.delete(doubted.keys().next().value ?? '')
  }

  return {
    refusalOf: async (key, version, signal) => {
      const found = doubted.get(nameOf(key, version))
      if (!found?.lasting) return undefined
      const published = await readSum(read, key, signal)
      if (published && published !== found.digest) return disagreement(key, published, found.digest)
      doubted.delete(nameOf(key, version))
      return undefined
    },
    of: (key, version, signal) => {
      const hash = createHash('sha256')
      const reading = readSum(read, key, signal)
      // It is waited for later: until then a failure must not count as unhandled.
      reading.catch(() => {})
      return {
        update: (bytes) => hash.update(bytes),
        verify: async () => {
          const digest = hash.digest('hex')
          const published = await reading
          if (!published || published === digest) return
          doubt(nameOf(key, version), digest)
          throw new SourceUnavailableError(disagreement(key, published, digest))
        },
      }
    },
  }
}

function nameOf(key: string, { etag, lastModified }: Version): string {
  return `${key} ${etag} ${lastModified?.getTime()}`
}

/** `<sha256 in hex>  <file name>\n` */
async function readSum(
  read: ReadSmall,
  key: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const text = (await read(`${key}.CHECKSUM`, signal))?.toString('latin1')
  return /^[0-9a-f]{64}(?=\s|$)/.exec(text?.trim().toLowerCase() ?? '')?.[0]
}

function disagreement(key: string, published: string, digest: string): string {
  return (
    `the archive's checksum file disagrees with ${key}: ` +
    `it says SHA-256 ${published}, the bytes have ${digest}`
  )
}
