import { createHash } from 'node:crypto'
import { SourceUnavailableError } from './errors.ts'
import type { RangeAnswer } from './get-range.ts'

/** Compares a body with its ETag. */
export interface EtagCheck {
  update(bytes: Uint8Array): void
  /** @throws SourceUnavailableError when these are not the bytes the ETag stands for */
  verify(): void
}

/** Checks bodies against their ETags, where an ETag says something. */
export interface EtagChecks {
  of(key: string, object: Pick<RangeAnswer, 'etag' | 'ownKey'>): EtagCheck | undefined
}

/**
 * The ETag of an object that was uploaded in one piece is the MD5 of its content, unless it is
 * encrypted with a key of its own. Other archives may put anything there: when the same bytes come
 * twice, they are what the archive holds, and its ETags are no longer compared.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
 */
export function createEtagChecks(): EtagChecks {
  const doubted = new Map<string, string>()
  let meaningful = true

  function compare(key: string, etag: string, digest: string): void {
    if (digest === etag || !meaningful) return
    const version = `${key} ${etag}`
    meaningful = doubted.get(version) !== digest
    if (!meaningful) return doubted.clear()
    doubted.set(version, digest)
    throw new SourceUnavailableError(
      `${key} arrived with MD5 ${digest} instead of the ${etag} of its ETag; it is fetched again`,
    )
  }

  return {
    of: (key, { etag, ownKey }) => {
      if (!meaningful || ownKey || !MD5.test(etag)) return undefined
      const hash = createHash('md5')
      return {
        update: (bytes) => hash.update(bytes),
        verify: () => compare(key, etag, hash.digest('hex')),
      }
    },
  }
}

/** The ETag of an upload in several pieces ends with their number, `-12`. */
const MD5 = /^[0-9a-f]{32}$/
