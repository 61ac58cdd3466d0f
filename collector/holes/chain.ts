/** The ids that a frame covers: after `before`, up to and including `last`. */
export interface Link {
  readonly before: bigint
  readonly last: bigint
}

/** How a frame stands to the ids before it; `old` says nothing new. */
export type Step = 'first' | 'next' | 'old' | { readonly missed: Link }

/**
 * The one rule behind all numberings. Ids of single records (`t`, `a`) and ranges (`U` to `u`) cover
 * what lies after their first less one; a frame that names its predecessor (`pu`) what lies after that.
 */
export function stepOf(last: bigint | undefined, link: Link): Step {
  if (last === undefined) return 'first'
  if (link.last <= last) return 'old'
  return link.before <= last ? 'next' : { missed: { before: last, last: link.before } }
}

/** What is left of missing ids after a frame that came late. */
export function without(missing: readonly Link[], { before, last }: Link): readonly Link[] {
  return missing.flatMap((span) => {
    if (last <= span.before || before >= span.last) return [span]
    const head = { before: span.before, last: before }
    const tail = { before: last, last: span.last }
    return [head, tail].filter((part) => part.last > part.before)
  })
}

/** Missing ids for people: `12..15, 18`. */
export function describeIds(missing: readonly Link[]): string {
  return missing
    .map(({ before, last }) => {
      const first = before + 1n
      return first === last ? `${first}` : `${first}..${last}`
    })
    .join(', ')
}
