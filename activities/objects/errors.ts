/** The archive answered 5xx or SlowDown, broke off, or did not answer: try again later. */
export class SourceUnavailableError extends Error {
  override readonly name = 'SourceUnavailableError'
}

/** The archive refuses us: wrong, expired or insufficient credentials. */
export class AccessDeniedError extends Error {
  override readonly name = 'AccessDeniedError'
  readonly archive: string

  constructor(archive: string, why: string, options?: ErrorOptions) {
    super(`${archive} refuses access: ${why}`, options)
    this.archive = archive
  }
}

/** The archive cannot exist as configured, for example a bucket of that name does not. */
export class BadSourceError extends Error {
  override readonly name = 'BadSourceError'
  readonly archive: string

  constructor(archive: string, why: string, options?: ErrorOptions) {
    super(`${archive} cannot be read: ${why}`, options)
    this.archive = archive
  }
}
