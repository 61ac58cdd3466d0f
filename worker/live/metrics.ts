import type { Collecting } from '@backtide/collector/host'
import type { SessionStatus } from '@backtide/collector/session/session'
import { Counter, Gauge, type Registry } from 'prom-client'

/** What is collected here, as metrics see it. */
export interface Collected {
  readonly host: { all(): readonly Pick<Collecting, 'assignment' | 'status'>[] }
  readonly uploader: { backlog(): Promise<number> } | undefined
}

const LABELS = ['exchange', 'market'] as const

/** Adds what a worker with the role `live` collects; docs/operations.md has the list. */
export function addLiveMetrics(registry: Registry, collected: Collected): void {
  const by = (read: (status: SessionStatus) => number) => ({
    labelNames: LABELS,
    registers: [],
    collect(this: Summed) {
      this.reset()
      for (const { labels, status } of statusesOf(collected)) this.inc(labels, read(status))
    },
  })
  const counter = (name: string, help: string, read: (status: SessionStatus) => number) =>
    registry.registerMetric(new Counter({ name, help, ...by(read) }))
  const gauge = (name: string, help: string, read: (status: SessionStatus) => number) =>
    registry.registerMetric(new Gauge({ name, help, ...by(read) }))
  counter('backtide_feed_messages_total', HELP.messages, ({ messages }) => messages)
  counter('backtide_feed_bytes_total', HELP.bytes, ({ bytes }) => bytes)
  counter('backtide_feed_unreadable_total', HELP.unreadable, ({ unreadable }) => unreadable)
  counter('backtide_feed_connects_total', HELP.connects, ({ connects }) => connects)
  gauge('backtide_feed_holes_open', HELP.holes, ({ openHoles }) => openHoles.length)
  gauge('backtide_feed_streams_without_data', HELP.silent, ({ waiting }) => waiting.length)
  registry.registerMetric(
    new Gauge({
      name: 'backtide_capture_files_waiting',
      help: HELP.backlog,
      registers: [],
      async collect() {
        this.set((await collected.uploader?.backlog()) ?? 0)
      },
    }),
  )
}

/** A metric that is counted anew each time. */
interface Summed {
  reset(): void
  inc(labels: { readonly exchange: string; readonly market: string }, value: number): void
}

const HELP = {
  messages: 'Frames that feeds brought, in connections this process collects now.',
  bytes: 'Bytes of the frames that feeds brought, as they were sent.',
  unreadable: 'Frames that nobody could read; they are kept as they came.',
  connects: 'Connections that were begun to collect feeds, successors of planned ends included.',
  holes: 'Holes that are open now: nothing good has come since they began.',
  silent: 'Streams that bring nothing, though something was to come by their rhythm.',
  backlog: 'Finished capture files that are not uploaded yet, where there is a bucket.',
}

function statusesOf({ host }: Collected) {
  return host.all().map(({ assignment: { exchange, market }, status }) => ({
    labels: { exchange, market },
    status: status(),
  }))
}

/** Streams that bring nothing, as `binance/spot/stream-0/1 btcusdt@trade`. */
export function streamsWithoutData(host: {
  all(): readonly Pick<Collecting, 'id' | 'status'>[]
}): readonly string[] {
  return host.all().flatMap(({ id, status }) => status().waiting.map((name) => `${id} ${name}`))
}
