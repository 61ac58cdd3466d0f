/** The object is of a format this decoder does not know: none of it is loaded. */
export class HeaderChangedError extends Error {
  override readonly name = 'HeaderChangedError'
  /** How the header differs, for people. */
  readonly difference: string

  constructor(difference: string) {
    super(`Unknown header: ${difference}. Add a format to the dataset that reads it.`)
    this.difference = difference
  }
}
