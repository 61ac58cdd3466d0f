/** A payload as Temporal keeps it; `PayloadCodec` of its SDK takes and gives these. */
interface Payload {
  readonly metadata?: Readonly<Record<string, Uint8Array>> | null
  readonly data?: Uint8Array | null
}

/** Fields that hold instants, UTC milliseconds. */
const FIELDS: ReadonlySet<string> = new Set([
  'from',
  'to',
  'until',
  'createdAt',
  'dueAt',
  'pausedSince',
])

/** Smaller numbers are no instants of ours: days by their index are called `from` and `to` as well. */
const EARLIEST = Date.UTC(2000, 0, 1)
const LATEST = Date.UTC(2200, 0, 1)

/** Set where instants were written as text: only there they are read back. */
const MARK = 'backtide-instants'

/**
 * Writes instants into Temporal's history as people read them: `2025-01-01T00:00:00.000Z` for
 * 1735689600000. Code sees numbers on both sides; a history without the mark is read as it is.
 * https://typescript.temporal.io/api/interfaces/common.PayloadCodec
 */
export const readableInstants = {
  encode: async <P extends Payload>(payloads: P[]): Promise<P[]> => await each(payloads, write),
  decode: async <P extends Payload>(payloads: P[]): Promise<P[]> => await each(payloads, read),
}

/** `dataConverter` of every client and worker. */
export const DATA_CONVERTER = { payloadCodecs: [readableInstants] }

function each<P extends Payload>(payloads: P[], change: (payload: P) => P): Promise<P[]> {
  return Promise.resolve(payloads.map(change))
}

function write<P extends Payload>(payload: P): P {
  const { metadata, data } = payload
  if (!data || !metadata || textOf(metadata['encoding']) !== 'json/plain') return payload
  let written = 0
  let texts = 0
  const value = mapFields(data, (field) => {
    if (typeof field === 'string' && INSTANT.test(field)) texts += 1
    if (!isInstant(field)) return field
    written += 1
    return new Date(field).toISOString()
  })
  // Text that looks the same already could not be told apart afterwards.
  if (written === 0 || texts > 0) return payload
  return { ...payload, metadata: { ...metadata, [MARK]: bytesOf('1') }, data: bytesOf(value) }
}

function read<P extends Payload>(payload: P): P {
  const { metadata, data } = payload
  if (!data || !metadata?.[MARK]) return payload
  const value = mapFields(data, (field) =>
    typeof field === 'string' && INSTANT.test(field) ? Date.parse(field) : field,
  )
  const { [MARK]: _mark, ...rest } = metadata
  return { ...payload, metadata: rest, data: bytesOf(value) }
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/

function isInstant(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= EARLIEST && Number(value) < LATEST
}

/** The JSON again, with other values in fields of instants. */
function mapFields(data: Uint8Array, change: (field: unknown) => unknown): string {
  return JSON.stringify(
    JSON.parse(textOf(data), (name, value: unknown) => (FIELDS.has(name) ? change(value) : value)),
  )
}

function textOf(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes)
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
