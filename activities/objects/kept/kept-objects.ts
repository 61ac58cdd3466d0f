/** Where the objects of one source are kept as they were fetched. */
export interface KeptObjects {
  /** What is kept of an object; never a copy that is not whole. Rejects when it cannot be looked up. */
  find(key: string): Promise<KeptObject | undefined>
  /** Keeps a copy, in place of an earlier one; takes its file away. */
  put(key: string, copy: WholeCopy): Promise<void>
  remove(key: string): Promise<void>
}

/** What is known of an object that was fetched. */
export interface KeptFacts {
  /** Of the archive, without quotes. */
  readonly etag: string
  /** Bytes. */
  readonly size: number
  /** Of the bytes, in hex. */
  readonly sha256: string
}

export interface KeptObject extends KeptFacts {
  /**
   * The bytes as they are kept now. Throws SourceUnavailableError when they cannot be had for the moment,
   * and anything else when there are none.
   */
  read(signal: AbortSignal): AsyncIterable<Uint8Array>
}

/** All bytes of an object, in a local file. */
export interface WholeCopy extends KeptFacts {
  readonly file: string
}

/** Keys and names of sources become paths: none may lead elsewhere. @throws Error */
export function assertInside(key: string): void {
  const segments = key.split('/')
  if (segments.some((segment) => ['', '.', '..'].includes(segment)) || /[\0\\]/.test(key)) {
    throw new Error(`${JSON.stringify(key)} is no name to keep an object under`)
  }
}
