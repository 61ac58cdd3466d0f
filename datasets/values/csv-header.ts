import { parseDecimal } from './decimal.ts'

/** Position of every column in a line, by name. */
export type Positions<Name extends string> = Readonly<Record<Name, number>>

/**
 * Reads the header that a file begins with.
 * @throws HeaderChangedError as `locateColumns` does
 */
export function readHeader<Name extends string>(
  line: Buffer,
  known: readonly Name[],
): Positions<Name> {
  return locateColumns(cellsOf(line), known)
}

/**
 * Reads the header that a file may begin with: a line without any number, as every row has some.
 * Undefined when the first line is a row.
 * @throws HeaderChangedError as `locateColumns` does
 */
export function sniffHeader<Name extends string>(
  line: Buffer,
  known: readonly Name[],
): Positions<Name> | undefined {
  const cells = cellsOf(line)
  return cells.some(isNumber) ? undefined : locateColumns(cells, known)
}

function cellsOf(line: Buffer): readonly string[] {
  return line.toString('utf8').split(',')
}

function isNumber(cell: string): boolean {
  return typeof parseDecimal(cell) === 'number'
}

/**
 * Position of every known column in a header line. Columns may come in any order, but must be
 * exactly the known ones: a new, missing or renamed column can change what the others mean.
 * @throws HeaderChangedError naming the difference
 */
export function locateColumns<Name extends string>(
  header: readonly string[],
  known: readonly Name[],
): Positions<Name> {
  const missing = known.filter((name) => !header.includes(name))
  const added = header.filter((name) => !known.includes(name as Name))
  const repeated = header.filter((name, at) => header.indexOf(name) < at)
  const difference = [list('missing', missing), list('new', added), list('repeated', repeated)]
  if (difference.some((part) => part !== '')) {
    throw new HeaderChangedError(difference.filter((part) => part !== '').join(', '))
  }
  const positions = known.map((name) => [name, header.indexOf(name)] as const)
  return Object.fromEntries(positions) as Positions<Name>
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
