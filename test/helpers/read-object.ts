import type { FoundObject, ObjectStore } from '@backtide/activities/objects/object-store'
import { createHash } from 'node:crypto'

/** Opens an object that must be there. */
export async function openFound(
  objects: ObjectStore,
  key: string,
  signal?: AbortSignal,
): Promise<FoundObject> {
  const opened = await objects.open(key, signal ? { signal } : {})
  if (opened.state !== 'found') throw new Error(`${key} is ${opened.state}`)
  return opened
}

/** All bytes of an open object. */
export async function readAll({ body }: Pick<FoundObject, 'body'>): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** Takes the first piece of an object; `all` gives the whole, and the same error each time. */
export async function beginReading(object: FoundObject) {
  const pieces = object.body[Symbol.asyncIterator]()
  const { value } = await pieces.next()
  const body = { [Symbol.asyncIterator]: () => pieces }
  let whole: Promise<Buffer> | undefined
  const join = async () => Buffer.concat([value ?? Buffer.alloc(0), await readAll({ body })])
  return { close: object.close, all: () => (whole ??= join()) }
}

/** Compares megabytes, for which `toEqual` takes seconds. */
export function same(one: Buffer, other: Buffer): boolean {
  return one.equals(other)
}

/** The ETag of an object of these bytes, when it was put in one piece. */
export function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex')
}
