/** The smallest thing a load needs of an archive. */
export interface ObjectStore {
  /**
   * Opens one object. With `unlessEtag`, an object that still has this ETag is not sent again.
   * @throws SourceUnavailableError when the archive does not answer or breaks off
   * @throws AccessDeniedError when the credentials are refused, when what could be read before cannot
   *   be read any more, and when nothing proves that a forbidden object is an absent one
   * @throws BadSourceError when no request to the archive can be served
   */
  open(key: string, options: OpenOptions): Promise<OpenedObject>
  /**
   * Finds out whether the archive may be read; `keys` are some objects of the request.
   * @throws AccessDeniedError, BadSourceError, SourceUnavailableError
   */
  checkAccess(keys: readonly string[], options?: AskOptions): Promise<void>
  /**
   * Keys that begin with a prefix; undefined where the archive does not list, or not to us, and where
   * they are more than one answer holds.
   * @throws BadSourceError, SourceUnavailableError, AccessDeniedError
   */
  list(prefix: string, options?: AskOptions): Promise<readonly string[] | undefined>
  /**
   * Some of the objects whose keys begin with a prefix, in the order of keys. Absent, or undefined, where
   * the archive does not list, or not to us.
   * @throws BadSourceError, SourceUnavailableError, AccessDeniedError
   */
  listPage?(request: ListingRequest): Promise<ListingPage | undefined>
  /** The copy that is opened in place of an object, whatever the archive has; absent where none is kept. */
  keptCopy?(key: string): Promise<Omit<ListedObject, 'key'> | undefined>
}

/** A part of a listing. */
export interface ListingRequest extends AskOptions {
  readonly prefix: string
  /** Only keys behind this one. */
  readonly after?: string
}

export interface ListingPage {
  readonly objects: readonly ListedObject[]
  /** No more follow. */
  readonly isLast: boolean
}

/** What a listing says of an object. */
export interface ListedObject {
  readonly key: string
  /** Without quotes. */
  readonly etag: string
  /** Bytes. */
  readonly size: number
}

/** What comes with whatever is asked of an archive. */
export interface AskOptions {
  readonly signal?: AbortSignal | undefined
  /** Who pays; absent where nobody has to. */
  readonly account?: Account | undefined
}

/** What is asked of an archive that charges for it, told as it happens. */
export interface Account {
  /** A request is about to be made; one that is made again counts again. */
  request(kind: 'get' | 'list'): void
  /** An answer brings so many bytes; one that breaks off counts whole. */
  answer(bytes: number): void
}

export interface OpenOptions extends AskOptions {
  readonly unlessEtag?: string
  /** A kept copy counts only as long as the archive has no other version. */
  readonly current?: boolean
  /**
   * Keys that should be there, the surest first: asked for only when one of them has to prove that
   * the archive can be read. At most 8 are tried.
   */
  readonly witnesses?: Witnesses
}

export type Witnesses = () => Promise<readonly string[]>

export type OpenedObject =
  | FoundObject
  /** `absent` is proven: see reading/verdict.ts. */
  | { readonly state: 'absent' | 'unchanged' }
  /** The archive refuses this one object, and others not. */
  | { readonly state: 'refused'; readonly reason: string }

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
