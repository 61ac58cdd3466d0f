import type { Readable } from 'node:stream'
import type { Account, AskOptions, ListingPage, ListingRequest } from '../object-store.ts'

/** An archive of which ranges of objects can be read: what an adapter has to bring. */
export interface RangedArchive {
  /** What errors call it, for example `Bucket hyperliquid-archive`. */
  readonly name: string
  readonly get: GetRange
  /** Absent where nothing can be listed: a forbidden object is then never taken for an absent one. */
  readonly listing?: ListingCheck
  /** Whether `<key>.CHECKSUM` holds the SHA-256 of an object. */
  readonly checksums?: boolean
  readonly remedies: Remedies
}

/**
 * One GET of an object or of some of its bytes, and what its answer says about the object. Rejects with
 * the reason of its signal.
 * @throws SourceUnavailableError, AccessDeniedError, BadSourceError for what concerns no object
 */
export type GetRange = (request: RangeRequest) => Promise<RangeAnswer | Refusal | Beyond>

export interface RangeRequest {
  readonly key: string
  /** The whole object when absent. */
  readonly range?: ByteRange
  readonly condition?: Condition
  /** Ends the request and also the body of its answer. */
  readonly signal: AbortSignal
  readonly account?: Account | undefined
}

/** `from <= byte < to` */
export interface ByteRange {
  readonly from: number
  readonly to: number
}

export type Condition =
  | { readonly unlessEtag: string }
  /** Bytes of another version are not wanted. */
  | { readonly sameAs: Version }

/** What tells versions of an object apart. */
export interface Version {
  /** Without quotes; empty when the archive keeps none. */
  readonly etag: string
  readonly lastModified: Date | undefined
}

/** The bytes that came, which may be fewer than were asked for, and the object they are of. */
export interface RangeAnswer extends ByteRange, Version {
  readonly state: 'bytes'
  /** Bytes of the whole object. */
  readonly size: number
  /** Encrypted with a key of its own, so that the ETag is no MD5 of the content. */
  readonly ownKey: boolean
  readonly body: Readable
}

/** An answer without bytes that may concern one object. */
export type Refusal = { readonly state: 'absent' | 'unchanged' } | Doubtful

/** An object has no such bytes; of an empty one there is no range. */
export interface Beyond {
  readonly state: 'beyond'
}

/** An answer to a request for an object that may just as well be about the archive. */
export interface Doubtful {
  readonly state: 'denied' | 'rejected'
  readonly reason: string
}

/**
 * Whether keys that begin with `prefix` may be listed: then an absent key is not hidden behind a
 * refusal. Both throw BadSourceError, AccessDeniedError, SourceUnavailableError.
 */
export interface ListingCheck {
  ask(prefix: string, options?: Paid): Promise<boolean>
  /** The answer of the last minute, if there is one. */
  recent(prefix: string, options?: Paid): Promise<boolean>
  /** See `ObjectStore.list`. */
  keys(prefix: string, options?: Paid): Promise<readonly string[] | undefined>
  /** See `ObjectStore.listPage`. */
  page(request: ListingRequest): Promise<ListingPage | undefined>
}

/** Who pays for a request. */
export type Paid = Pick<AskOptions, 'account'>

/** What people can do about refusals. */
export interface Remedies {
  /** Nothing that was tried may be read. */
  readonly access: string
  /** What could be read before cannot be any more. */
  readonly revoked: string
  /** An object is refused and none is known whose reading could tell why. */
  readonly unproven: string
}
