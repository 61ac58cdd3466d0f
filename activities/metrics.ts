import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** What activities count; docs/operations.md has the list. */
export interface ActivityMetrics {
  readonly registry: Registry
  readonly objects: Counter<'dataset' | 'state'>
  readonly rows: Counter<'dataset'>
  readonly lines: Counter<'dataset'>
  readonly linesParsedInFull: Counter<'dataset'>
  readonly fetchedBytes: Counter<'source'>
  readonly spentUsd: Counter<'source'>
  readonly writtenBytes: Counter<'table'>
  readonly verifications: Counter<'dataset' | 'outcome'>
  readonly failures: Counter<'activity' | 'cause'>
  readonly fetchSeconds: Histogram<'source'>
  readonly decodeSeconds: Histogram<'dataset'>
  readonly sendSeconds: Histogram<'table'>
  readonly applySeconds: Histogram<'table'>
  readonly verifySeconds: Histogram<'dataset'>
  /** Notes that a load waits for a table to apply what was sent; the answer is to be called when it has. */
  waitForApply(table: string): () => void
}

/** From a small object of a local archive to a large one of a slow host. */
const FAST = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60]

/** From one body to a day that is rewritten. */
const SLOW = [0.01, 0.05, 0.25, 1, 5, 20, 60, 300]

/** Creates the metrics in a registry of their own. */
export function createActivityMetrics(): ActivityMetrics {
  const registry = new Registry()
  return { registry, ...createCounters(registry), ...createTimes(registry) }
}

function createCounters(registry: Registry) {
  const counter = <const Label extends string>(name: string, help: string, labels: Label[]) =>
    new Counter({ name, help, labelNames: labels, registers: [registry] })
  return {
    objects: counter(
      'backtide_objects_total',
      'Objects put on record by the state they came to; one that is loaded again counts again.',
      ['dataset', 'state'],
    ),
    rows: counter('backtide_rows_total', 'Distinct rows of the objects that were put on record.', [
      'dataset',
    ]),
    lines: counter('backtide_lines_total', 'Lines of objects that were decoded.', ['dataset']),
    linesParsedInFull: counter(
      'backtide_lines_parsed_in_full_total',
      'Lines of an unusual form, which the fast path left to a full parse, several times slower.',
      ['dataset'],
    ),
    fetchedBytes: counter(
      'backtide_fetched_bytes_total',
      'Bytes read from a source as it sends them, compressed; copies that were kept are not among them.',
      ['source'],
    ),
    spentUsd: counter(
      'backtide_spent_usd_total',
      'Dollars for what sources that charge for it were asked, by the prices that are configured.',
      ['source'],
    ),
    writtenBytes: counter(
      'backtide_written_bytes_total',
      'Bytes of rows sent to QuestDB as ILP, those of transactions that were cut off included.',
      ['table'],
    ),
    verifications: counter(
      'backtide_verifications_total',
      'Objects compared with what the table holds of them; a mismatch is sent and compared once more.',
      ['dataset', 'outcome'],
    ),
    failures: counter(
      'backtide_activity_failures_total',
      'Attempts that failed, by type of failure; SourceUnavailable, StoreUnavailable, LeaseLost and Unknown are tried again.',
      ['activity', 'cause'],
    ),
  }
}

function createTimes(registry: Registry) {
  const time = <const Label extends string>(
    name: string,
    help: string,
    labels: Label[],
    buckets: number[],
  ) => new Histogram({ name, help, labelNames: labels, buckets, registers: [registry] })
  const applySeconds = time(
    'backtide_apply_duration_seconds',
    'Time a load waited until QuestDB had applied all it had sent.',
    ['table'],
    SLOW,
  )
  return {
    applySeconds,
    fetchSeconds: time(
      'backtide_fetch_duration_seconds',
      'Time an object was waited for: until its first byte, and between the others.',
      ['source'],
      FAST,
    ),
    decodeSeconds: time(
      'backtide_decode_duration_seconds',
      'Time a thread worked at an object: unpacking, reading, writing rows.',
      ['dataset'],
      FAST,
    ),
    sendSeconds: time(
      'backtide_send_duration_seconds',
      'Time a transaction took to be written and committed.',
      ['table'],
      SLOW,
    ),
    verifySeconds: time(
      'backtide_verify_duration_seconds',
      'Time a load took to read back and compare what it had sent.',
      ['dataset'],
      SLOW,
    ),
    waitForApply: watchApply(registry, applySeconds),
  }
}

/** The wait that lasts longest now shows while it lasts: a histogram only knows those that ended. */
function watchApply(
  registry: Registry,
  applySeconds: Histogram<'table'>,
): ActivityMetrics['waitForApply'] {
  const waits = new Set<{ readonly table: string; readonly since: number }>()
  const lag = new Gauge({
    name: 'backtide_apply_lag_seconds',
    help: 'How long the oldest load that still waits for a table to apply has waited; 0 when none does.',
    labelNames: ['table'],
    registers: [registry],
    collect: () => {
      const now = performance.now()
      const longest = new Map<string, number>()
      for (const { table, since } of waits) {
        longest.set(table, Math.max(longest.get(table) ?? 0, (now - since) / 1000))
      }
      for (const table of seen) lag.set({ table }, longest.get(table) ?? 0)
    },
  })
  const seen = new Set<string>()
  return (table) => {
    const wait = { table, since: performance.now() }
    seen.add(table)
    waits.add(wait)
    return () => {
      waits.delete(wait)
      applySeconds.observe({ table }, (performance.now() - wait.since) / 1000)
    }
  }
}
