import { join } from 'node:path'

/** Where a connection's captures lie, under the folder or prefix of all captures. */
export interface CapturePlace {
  readonly root: string
  readonly exchange: string
  readonly market: string
  readonly connection: string
  readonly server: string
}

/** What the name of a file ends with as long as it is written. */
export const UNFINISHED = '.open'

const NAME = /^[\w-][\w.-]{0,63}$/

/**
 * Path of a file without `UNFINISHED`: `binance/spot/public-0a/20250101/7/host-0000123.lz4`. `time` is
 * that of its first line, UTC nanoseconds; the part is its millisecond in the hour, so that no file
 * takes the name of one that was uploaded and deleted.
 * @throws Error for a name that could be more than one part of a path
 */
export function capturePath({ root, ...place }: CapturePlace, time: bigint): string {
  const { exchange, market, connection, server } = place
  for (const name of [exchange, market, connection, server]) {
    if (!NAME.test(name)) {
      throw new Error(
        `${JSON.stringify(name)} cannot be part of a capture's path: use letters, digits, - and _.`,
      )
    }
  }
  const ms = Number(time / 1_000_000n)
  const date = new Date(ms)
  const day = date.toISOString().slice(0, 10).replaceAll('-', '')
  const part = String(ms % HOUR).padStart(7, '0')
  const file = `${server}-${part}.lz4`
  return join(root, exchange, market, connection, day, String(date.getUTCHours()), file)
}

const HOUR = 3_600_000

/** The UTC hour of nanoseconds, counted from 1970. */
export function hourOf(time: bigint): bigint {
  return time / 3_600_000_000_000n
}
