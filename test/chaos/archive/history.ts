import { createHash } from 'node:crypto'
import { bookKey } from '../../helpers/archive.ts'
import type { Place } from './lines.ts'
import type { Version } from './version.ts'

/** Everything that was ever put into the archive, and what is there now. */
export interface History {
  /** Every object there could be, by coin, ascending in time. */
  readonly places: readonly Place[]
  /** What an object holds now. */
  current(key: string): Version | undefined
  /** A version an object has or had, by its ETag without quotes. */
  version(key: string, etag: string): Version | undefined
}

/** Puts objects into a bucket; `Archive` of the helpers is one. */
export interface Bucket {
  put(key: string, bytes: Uint8Array): Promise<void>
  remove(key: string): Promise<void>
}

/** An archive that remembers. A put that fails is tried again by whoever asked for it. */
export interface RememberingArchive extends History {
  put(version: Version): Promise<void>
  remove(place: Place): Promise<void>
}

/** Opens an archive over an empty bucket. */
export function openHistory(places: readonly Place[], bucket: Bucket): RememberingArchive {
  const now = new Map<string, Version>()
  const ever = new Map<string, Version>()
  return {
    places,
    current: (key) => now.get(key),
    version: (key, etag) => ever.get(`${key} ${etag}`),
    put: async (version) => {
      const key = keyOf(version)
      // Before it is put: it may be read before the answer is here, or although there is none.
      ever.set(`${key} ${etagOf(version)}`, version)
      await bucket.put(key, version.bytes)
      now.set(key, version)
    },
    remove: async (place) => {
      await bucket.remove(keyOf(place))
      now.delete(keyOf(place))
    },
  }
}

/** Key of an object in the bucket. */
export function keyOf({ coin, hour }: Place): string {
  return bookKey(coin, hour)
}

/** ETag, without quotes, of an object put in one part: the MD5 of its bytes. */
export function etagOf({ bytes }: Pick<Version, 'bytes'>): string {
  return createHash('md5').update(bytes).digest('hex')
}
