import { createHash } from 'node:crypto'
import { SourceUnavailableError } from '../errors.ts'
import type { RangeAnswer } from './ranged-archive.ts'
import type { BodyCheck } from './read-object.ts'

/** Compares a body with its ETag. */
export interface EtagCheck extends BodyCheck {
  verify(): void
}

/** Checks bodies against their ETags, where an ETag says something. */
export interface EtagChecks {
  of(key: string, object: Pick<RangeAnswer, 'etag' | 'ownKey'>): EtagCheck | undefined
}

/** Objects that contradict their ETags, without one that agrees, until ETags are taken for no MD5s. */
const CONTRADICTIONS = 3

/** Versions remembered whose bytes are not what the ETag says. */
const MOST_DOUBTED = 10_000

/**
 * The ETag of an object that was uploaded in one piece is the MD5 of its content, unless it is
 * encrypted with a key of its own. Other archives may put anything there: when the same bytes of a
 * version come twice, they are what the archive holds, whatever the ETag. Three objects of which that
 * is so while no object of the archive ever agreed with its ETag end the comparing for all: until then
 * each costs a second fetch. Where one ever agreed, an ETag that does not stays a reason to look twice.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
 */
export function createEtagChecks(): EtagChecks {
  const doubted = new Map<string, string>()
  const contradicting = new Set<string>()
  let agreed = false
  const meaningless = () => !agreed && contradicting.size >= CONTRADICTIONS

  function compare(key: string, etag: string, digest: string): void {
    if (digest === etag) {
      agreed = true
      return
    }
    const version = `${key} ${etag}`
    if (meaningless()) return
    if (doubted.get(version) === digest) {
      if (!agreed) contradicting.add(key)
      return
    }
    doubted.set(version, digest)
    if (doubted.size > MOST_DOUBTED) doubted.delete(doubted.keys().next().value ?? '')
    throw new SourceUnavailableError(
      `${key} arrived with MD5 ${digest} instead of the ${etag} of its ETag; it is fetched again`,
    )
  }

  return {
    of: (key, { etag, ownKey }) => {
      if (meaningless() || ownKey || !MD5.test(etag)) return undefined
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
