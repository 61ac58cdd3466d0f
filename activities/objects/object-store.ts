/** The smallest thing a load needs of an archive. */
export interface ObjectStore {
  /**
   * Opens one object. With `unlessEtag`, an object that still has this ETag is not sent again.
   * @throws SourceUnavailableError when the archive does not answer or breaks off
   * @throws AccessDeniedError when the credentials themselves are refused
   */
  open(key: string, options: OpenOptions): Promise<OpenedObject>
  /**
   * Finds out whether the bucket may be read, and how a 403 on one key is to be read; `keys` are
   * some objects of the request.
   * @throws AccessDeniedError, BadSourceError, SourceUnavailableError
   */
  checkAccess(keys: readonly string[], signal?: AbortSignal): Promise<Access>
}

export interface OpenOptions {
  readonly unlessEtag?: string
  readonly signal?: AbortSignal
}

export type OpenedObject = FoundObject | { readonly state: 'absent' | 'unchanged' | 'forbidden' }

export interface FoundObject {
  readonly state: 'found'
  readonly etag: string
  /** Bytes in the archive. */
  readonly size: number
  /**
   * The bytes, to be read once. Throws SourceUnavailableError when they cannot all be had, when the
   * object was replaced meanwhile, or when they are not what its ETag stands for.
   */
  readonly body: AsyncIterable<Uint8Array>
  /** Gives up the rest of the body, its connections and what was read ahead. */
  close(): void
}

export interface Access {
  /** `missing`: absent keys answer 403, because the bucket may not be listed. */
  readonly forbiddenMeans: 'missing' | 'denied'
}
