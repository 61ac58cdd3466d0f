/**
 * Position of every known column in a header line. Columns may come in any order, but must be
 * exactly the known ones: a new, missing or renamed column can change what the others mean.
 * @throws HeaderChangedError naming the difference
 */
export function locateColumns<Name extends string>(
  header: readonly string[],
  known: readonly Name[],
): Readonly<Record<Name, number>> {
  const missing = known.filter((name) => !header.includes(name))
  const added = header.filter((name) => !known.includes(name as Name))
  const repeated = header.filter((name, at) => header.indexOf(name) < at)
  const difference = [list('missing', missing), list('new', added), list('repeated', repeated)]
  if (difference.some((part) => part !== '')) {
    throw new HeaderChangedError(difference.filter((part) => part !== '').join(', '))
  }
  const positions = known.map((name) => [name, header.indexOf(name)] as const)
  return Object.fromEntries(positions) as Record<Name, number>
}

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

const NAMES_SHOWN = 20
const NAME_LENGTH = 40

function list(label: string, names: readonly string[]): string {
  if (names.length === 0) return ''
  const shown = names
    .slice(0, NAMES_SHOWN)
    .map((name) => JSON.stringify(name.slice(0, NAME_LENGTH)))
  const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : ''
  return `${label} ${shown.join(', ')}${more}`
}
