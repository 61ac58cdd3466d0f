/** What an examination found of one thing; for people, one line. */
export interface Finding {
  /** What was looked at, in a few words. */
  readonly check: string
  readonly state: FindingState
  readonly detail: string
  /** What to do about it. */
  readonly fix?: string
}

/**
 * `down`: nothing is loaded until it is mended. `warning`: something is not, or will not be. `unknown`: it
 * could not be looked at.
 */
export type FindingState = (typeof FINDING_STATES)[number]

export const FINDING_STATES = ['ok', 'warning', 'down', 'unknown'] as const

/** Longest that one check may take, milliseconds. */
export const CHECK_MS = 4_000

/**
 * Runs a check that never fails and never takes long: what it throws, and its silence, are findings.
 * @param otherwise what it means when the check cannot be made
 */
export async function examine(
  check: string,
  run: (signal: AbortSignal) => Promise<readonly Finding[]>,
  {
    withinMs = CHECK_MS,
    ...otherwise
  }: Pick<Finding, 'state' | 'fix'> & { readonly withinMs?: number } = { state: 'unknown' },
): Promise<readonly Finding[]> {
  const late = AbortSignal.timeout(withinMs)
  const silent = new Promise<never>((_, reject) => {
    late.addEventListener('abort', () => reject(new Error(`no answer in ${withinMs / 1000} s`)))
  })
  try {
    return await Promise.race([run(late), silent])
  } catch (error) {
    return [{ check, ...otherwise, detail: causeOf(error) }]
  }
}

/** What another clock says against ours, which was read before and after (all UTC milliseconds). */
export function compareClocks(
  check: string,
  {
    theirs,
    before,
    after,
  }: { readonly theirs: number; readonly before: number; readonly after: number },
): Finding {
  const ahead = theirs > after ? theirs - after : Math.min(0, theirs - before)
  const seconds = Math.round(Math.abs(ahead) / 1000)
  if (seconds <= MOST_SKEW_S) return { check, state: 'ok', detail: 'agrees with the clock here' }
  const detail = `its clock is ${seconds} s ${ahead > 0 ? 'ahead of' : 'behind'} the clock here`
  return { check, state: 'warning', detail, fix: 'set both clocks by NTP; S3 refuses 15 minutes' }
}

/** HTTP dates have whole seconds. */
const MOST_SKEW_S = 5

/** What `fetch` wraps says more than it does; what gRPC says, less than who wrapped it. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause instanceof Error ? causeOf(error.cause) : ''
  return cause === '' || GRPC.test(cause) ? error.message : cause
}

const GRPC = /^\d+ [A-Z_]+:/
