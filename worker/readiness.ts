import type { SourceState } from '@backtide/store/workers/worker-record'
import type { Source } from '@backtide/datasets/dataset'

/** Whether something answers, and why not. */
export interface Answer {
  readonly up: boolean
  readonly detail?: string
}

/** What a worker needs to load, and what of it answers. */
export interface Readiness {
  /** Temporal, QuestDB and every S3 answer. A file host alone holds up its own datasets only. */
  readonly ready: boolean
  readonly temporal: Answer
  readonly questdb: Answer
  readonly sources: readonly SourceState[]
  /** Of a worker with the role `live`: streams that bring nothing; it is ready all the same. */
  readonly feedsWithoutData?: readonly string[]
}

/** Finds out what answers; the same for all who ask within some seconds. Never rejects. */
export type CheckReadiness = () => Promise<Readiness>

/** Longest that something may take to answer before it counts as away, in milliseconds. */
const PATIENCE_MS = 2_500

/** How long an answer holds, in milliseconds. */
const FRESH_MS = 4_000

/** How long a host of somebody else's that answers is left alone, in milliseconds. */
const HOST_FRESH_MS = 30_000

export interface ReadinessOptions {
  /** Resolve when they answer. */
  readonly temporal: () => Promise<unknown>
  readonly questdb: () => Promise<unknown>
  /** As they are read: mirrors instead of those they stand for. */
  readonly sources: readonly Source[]
  /** Another S3 endpoint than AWS's. */
  readonly endpoint?: string
}

/** Creates the check. */
export function createReadiness(options: ReadinessOptions): CheckReadiness {
  let last: { readonly at: number; readonly answer: Promise<Readiness> } | undefined
  const askHost = createHostCheck()
  return () => {
    if (!last || performance.now() - last.at > FRESH_MS) {
      last = { at: performance.now(), answer: check(options, askHost) }
    }
    return last.answer
  }
}

async function check(
  { temporal, questdb, ...where }: ReadinessOptions,
  askHost: AskHost,
): Promise<Readiness> {
  const [isTemporal, isQuestDb, sources] = await Promise.all([
    inTime(temporal, 'Temporal'),
    inTime(questdb, 'QuestDB'),
    checkSources(where, askHost),
  ])
  const archives = sources.every(({ up, kind }) => up || kind !== 's3')
  const ready = isTemporal.up && isQuestDb.up && archives
  return { ready, temporal: isTemporal, questdb: isQuestDb, sources }
}

async function checkSources(
  { sources, endpoint }: Pick<ReadinessOptions, 'sources' | 'endpoint'>,
  askHost: AskHost,
): Promise<readonly SourceState[]> {
  return await Promise.all(
    sources.map(async (source) => {
      const own = source.kind === 's3' && endpoint !== undefined
      const answer = await askHost(addressOf(source, endpoint), own)
      return { name: source.name, kind: source.kind, ...answer }
    }),
  )
}

type AskHost = (url: string, own: boolean) => Promise<Answer>

/** Asks each host once for all of its sources; one that is not ours now and then as long as it answers. */
function createHostCheck(): AskHost {
  const hosts = new Map<string, { readonly until: number; readonly answer: Promise<Answer> }>()
  return async (url, own) => {
    const now = performance.now()
    const known = hosts.get(url)
    if (known && now < known.until) return await known.answer
    const answer = inTime((signal) => reach(url, signal), url)
    hosts.set(url, { until: now + PATIENCE_MS, answer })
    const { up } = await answer
    hosts.set(url, { until: now + (up && !own ? HOST_FRESH_MS : PATIENCE_MS), answer })
    return await answer
  }
}

function addressOf(source: Source, endpoint?: string): string {
  if (source.kind !== 's3') return new URL(source.baseUrl).origin
  return new URL(endpoint ?? `https://s3.${source.region}.amazonaws.com`).origin
}

/**
 * Whether anybody serves there: a refusal counts, as no key is asked for. It needs no permission, and
 * costs nothing.
 */
async function reach(url: string, signal: AbortSignal): Promise<void> {
  await fetch(url, { method: 'HEAD', redirect: 'manual', signal })
}

async function inTime(ask: (signal: AbortSignal) => Promise<unknown>, name: string) {
  const late = AbortSignal.timeout(PATIENCE_MS)
  const silent = new Promise<never>((_, reject) => {
    late.addEventListener('abort', () => reject(new Error(`no answer in ${PATIENCE_MS} ms`)))
  })
  try {
    await Promise.race([ask(late), silent])
    return { up: true }
  } catch (error) {
    return { up: false, detail: `${name} does not answer: ${causeOf(error)}` }
  }
}

/** What `fetch` and gRPC wrap says more than they do. */
function causeOf(error: unknown): string {
  const { cause } = error as { readonly cause?: unknown }
  if (cause instanceof Error && cause.message !== '') return cause.message
  return error instanceof Error ? error.message : String(error)
}
