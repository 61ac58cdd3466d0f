import type { CapturedLine } from './captures.ts'

/** What a frame of Binance says of its stream and ids. */
interface BinanceFrame {
  readonly stream: string
  readonly data: { readonly t?: number; readonly U?: number; readonly u?: number }
}

export function dataOf(lines: readonly CapturedLine[]): readonly BinanceFrame[] {
  return lines.flatMap((line) => (streamIn(line) ? (line.raw as BinanceFrame) : []))
}

export function streamIn(line: CapturedLine): unknown {
  return typeof line.raw === 'object' && line.raw !== null && 'stream' in line.raw
    ? line.raw.stream
    : undefined
}

export function eventsOf(lines: readonly CapturedLine[]): readonly string[] {
  return lines.flatMap((line) => line.event?.event ?? [])
}

/** Ids of a frame, one of a trade and several of a change of a book. */
export function idsOf(text: string): readonly bigint[] {
  const { data } = JSON.parse(text) as BinanceFrame
  const first = data.t ?? data.U ?? 0
  const last = data.t ?? data.u ?? 0
  return Array.from({ length: last - first + 1 }, (_, at) => BigInt(first + at))
}

export function missingIds(holes: readonly { readonly evidence?: string }[]): readonly bigint[] {
  return holes
    .flatMap(({ evidence = '' }) => [...evidence.matchAll(/(\d+)(?:\.\.(\d+))?/g)])
    .flatMap(([, first = '0', last = first]) =>
      Array.from(
        { length: Number(last) - Number(first) + 1 },
        (_, at) => BigInt(first) + BigInt(at),
      ),
    )
}

/** Times of the lines between which trades are missing, read from the capture alone. */
export function boundsAround(
  lines: readonly CapturedLine[],
  stream: string,
  [missing = 0n]: readonly bigint[],
) {
  let latest: { readonly id: bigint; readonly time: string } | undefined
  for (const line of lines.filter((one) => streamIn(one) === stream)) {
    const id = BigInt((line.raw as BinanceFrame).data.t ?? 0)
    if (id > missing) return { from: latest?.time, until: line.time }
    if (id > (latest?.id ?? 0n)) latest = { id, time: line.time }
  }
  return { from: latest?.time, until: undefined }
}

export function same(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right)
}
