/** The archive answered 5xx or SlowDown, broke off, or did not answer: try again later. */
export class SourceUnavailableError extends Error {
  override readonly name = 'SourceUnavailableError'
}

/** The archive refuses us: wrong, expired or insufficient credentials. */
export class AccessDeniedError extends Error {
  override readonly name = 'AccessDeniedError'
  readonly bucket: string

  constructor(bucket: string, why: string, options?: ErrorOptions) {
    super(`Bucket ${bucket} refuses access: ${why}`, options)
    this.bucket = bucket
  }
}

/** The archive cannot exist as configured, for example a bucket of that name does not. */
export class BadSourceError extends Error {
  override readonly name = 'BadSourceError'
  readonly bucket: string

  constructor(bucket: string, why: string, options?: ErrorOptions) {
    super(`Bucket ${bucket} cannot be read: ${why}`, options)
    this.bucket = bucket
  }
}
