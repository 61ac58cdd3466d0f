/** What is wrong with one field of a request. */
export interface FieldError {
  /** JSON pointer into the body, or `/name` of a query parameter. */
  readonly pointer: string
  /** One sentence: what is wrong, and what would be right. */
  readonly detail: string
  /** The values that are allowed, where they can be listed. */
  readonly allowed?: readonly string[]
}

/** Body of every refused request, `application/problem+json` (RFC 9457). */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  /** Path of the request that was refused. */
  readonly instance?: string
  /** Stable word for programs. */
  readonly code: string
  readonly requestId?: string
  readonly errors?: readonly FieldError[]
  /** State of the backfill that the request does not fit. */
  readonly state?: string
  /** Ids of the workflows that stand in the way. */
  readonly ids?: readonly string[]
}

/** An issue as zod reports it; only what is read here. */
export interface SchemaIssue {
  readonly code?: string | undefined
  readonly path: readonly PropertyKey[]
  readonly message: string
  readonly keys?: readonly string[]
  readonly values?: readonly unknown[]
  readonly expected?: string
  /** Of what there is too much or too little. */
  readonly origin?: string
  readonly minimum?: number | bigint
  readonly maximum?: number | bigint
  /** Where something is none of several alternatives: what is wrong with it as each. */
  readonly errors?: readonly (readonly SchemaIssue[])[]
}

/** Most errors one answer names: a body can be wrong in thousands of places. */
export const MOST_ERRORS = 20

/** Turns zod's issues into field errors: an unknown field is named by its own pointer. */
export function fieldErrorsOf(issues: readonly SchemaIssue[]): FieldError[] {
  return issues.slice(0, MOST_ERRORS).flatMap(errorsOfIssue).slice(0, MOST_ERRORS)
}

function errorsOfIssue(issue: SchemaIssue): FieldError[] {
  if (issue.code === 'invalid_union' && issue.errors?.[0])
    return fieldErrorsOf(meantOf(issue.errors))
  if (issue.code === 'unrecognized_keys') {
    return (issue.keys ?? []).slice(0, MOST_ERRORS).map((key) => ({
      pointer: pointerOf([...issue.path, key]),
      detail: sentenceOf(issue),
    }))
  }
  const error = { pointer: pointerOf(issue.path), detail: sentenceOf(issue) }
  return [issue.values ? { ...error, allowed: issue.values.map(String) } : error]
}

/**
 * Of several alternatives the one that was meant: a later one only where its own first field is in order,
 * that is, where nothing is wrong but with others.
 */
function meantOf(alternatives: readonly (readonly SchemaIssue[])[]): readonly SchemaIssue[] {
  const [usual = [], ...others] = alternatives
  const isMeant = (issues: readonly SchemaIssue[]) =>
    issues.every(({ code }) => code !== 'invalid_type')
  return others.find(isMeant) ?? usual
}

/** What is wrong, as a sentence: zod's own words are for those who write schemas. */
function sentenceOf({ code, message, ...issue }: SchemaIssue): string {
  if (!/^(Invalid|Too|Unrecognized) /.test(message)) return message
  const { origin = 'number', minimum, maximum, values = [], expected = '' } = issue
  if (code === 'unrecognized_keys') return 'Nothing here has that name; /docs lists what has.'
  if (code === 'invalid_value')
    return `Use ${values.length > 1 ? 'one of ' : ''}${values.join(', ')}.`
  if (code === 'too_big') return `Use ${maximum}${UNITS[origin] ?? ''} at most.`
  if (code === 'too_small') return `Use ${minimum}${UNITS[origin] ?? ''} or more.`
  if (code !== 'invalid_type') return message
  const wanted = KINDS[expected] ?? expected
  const received = /received (\w+)$/.exec(message)?.[1] ?? ''
  if (received === 'undefined') return `It is missing; send ${wanted}.`
  return `Send ${wanted}${received === 'number' && expected === 'int' ? '' : `, not ${KINDS[received] ?? received}`}.`
}

const UNITS: Readonly<Record<string, string>> = { string: ' characters', array: ' entries' }

const KINDS: Readonly<Record<string, string>> = {
  string: 'a string',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
}

/** Text of a user in a message: quoted, without control characters, at most 60 characters. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text)
}

/** Names in a message, `most` of them and how many more there are. */
export function nameSome(names: readonly string[], most: number): string {
  const more = names.length > most ? ` and ${names.length - most} more` : ''
  return names.slice(0, most).join(', ') + more
}

/** JSON pointer (RFC 6901) of a path. */
function pointerOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => `/${String(part).slice(0, 60).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('')
}
