import { createByteIntake } from './byte-intake.ts'
import { ContainerError, type Container } from './container.ts'
import { ZipFile } from './zip-file.ts'
import * as zip from './zip-records.ts'

/**
 * Reader of a zip archive of exactly one file (APPNOTE 6.3.10), stored or deflated, from its start to
 * its end without looking back. Size and checksum must be those of the local header, or of the data
 * descriptor behind the file, and those of the directory. Zip64 sizes are read. Refused are encrypted
 * files, and whatever follows the archive.
 */
export function createZipReader(): Container {
  const intake = createByteIntake()
  let offset = 0
  const steps = readArchive(() => offset)
  let step: Wish | ZipFile | undefined
  goOn(NO_BYTES)

  /** Answers what was asked for last, up to what needs more bytes. */
  function goOn(answer: Buffer): void {
    let next = steps.next(answer)
    while (!next.done && needsNothing(next.value)) next = steps.next(NO_BYTES)
    step = next.done ? undefined : next.value
    if (step && !(step instanceof ZipFile)) intake.want(step.length)
  }

  return {
    *push(bytes) {
      let rest = bytes
      while (rest.length > 0) {
        if (!step) throw broken('the end of the object', 'more bytes', offset)
        const taken = step instanceof ZipFile ? yield* step.push(rest, offset) : intake.fill(rest)
        offset += taken
        rest = rest.subarray(taken)
        if (step instanceof ZipFile ? step.isAtEnd() : intake.isFull()) {
          goOn(step instanceof ZipFile ? NO_BYTES : intake.take())
        }
      }
    },
    end() {
      if (!step) return
      const expected = step instanceof ZipFile ? 'the rest of the file' : step.what
      throw broken(expected, 'the end of the object', offset)
    },
  }
}

/** A wish for exactly `length` bytes. */
interface Wish {
  readonly length: number
  readonly what: string
}

/** Reading as straight-line code: a wish is answered with its bytes, a file when it has passed. */
type Reading<T> = Generator<Wish | ZipFile, T, Buffer>

const NO_BYTES = Buffer.alloc(0)

function needsNothing(step: Wish | ZipFile): boolean {
  return step instanceof ZipFile ? step.isAtEnd() : step.length === 0
}

function* readArchive(position: () => number): Reading<void> {
  const header = yield* readHeader(position)
  const file = new ZipFile(header)
  yield file
  const at = position()
  if (header.hasDescriptor) {
    const facts = yield* readDescriptor(header.isZip64 || file.packed >= zip.ELSEWHERE)
    check(file, facts, at)
  } else {
    check(file, header, at)
  }
  yield* readDirectory(file, position)
  yield* readEnd(position)
}

function* readHeader(position: () => number): Reading<zip.LocalHeader> {
  const at = position()
  const signature = yield* readUInt32('a local header')
  if (signature !== zip.SIGNATURES.local) throw broken('a file', hex(signature), at)
  const fixed = Buffer.from(yield { length: zip.FIXED.local, what: 'the rest of a local header' })
  const refusal = zip.refusalOf(fixed)
  if (refusal !== undefined) throw broken('a file stored or deflated', refusal, at)
  yield { length: fixed.readUInt16LE(22), what: 'the name of the file' }
  const extra = yield { length: fixed.readUInt16LE(24), what: 'the extra fields of the file' }
  return zip.readLocalHeader(fixed, extra)
}

function* readDescriptor(isZip64: boolean): Reading<zip.FileFacts> {
  const what = 'a data descriptor'
  const start = Buffer.from(yield { length: 4, what })
  const length = zip.descriptorLength(isZip64)
  if (start.readUInt32LE() === zip.SIGNATURES.descriptor) {
    return zip.readDescriptor(yield { length, what })
  }
  const rest = yield { length: length - start.length, what }
  return zip.readDescriptor(Buffer.concat([start, rest]))
}

function* readDirectory(file: ZipFile, position: () => number): Reading<void> {
  const at = position()
  const signature = yield* readUInt32('the directory')
  if (signature !== zip.SIGNATURES.directory) {
    const found = signature === zip.SIGNATURES.local ? 'another file' : hex(signature)
    throw broken('the directory, behind one file', found, at)
  }
  const fixed = Buffer.from(
    yield { length: zip.FIXED.directory, what: 'the rest of the directory' },
  )
  yield { length: fixed.readUInt16LE(24), what: 'a name in the directory' }
  const extra = yield { length: fixed.readUInt16LE(26), what: 'the extra fields of the directory' }
  check(file, zip.readDirectoryEntry(fixed, extra), at)
  yield { length: fixed.readUInt16LE(28), what: 'a comment in the directory' }
}

function* readEnd(position: () => number): Reading<void> {
  const what = 'the end of the directory'
  const at = position()
  let signature = yield* readUInt32(what)
  if (signature === zip.SIGNATURES.end64) {
    const length = (yield { length: zip.FIXED.end64, what }).readBigUInt64LE()
    if (length > LARGEST_END) throw broken(what, `${length} bytes of it`, at)
    yield { length: Number(length), what }
    signature = yield* readUInt32(what)
  }
  if (signature === zip.SIGNATURES.locator64) {
    yield { length: zip.FIXED.locator64, what }
    signature = yield* readUInt32(what)
  }
  if (signature !== zip.SIGNATURES.end) throw broken(what, hex(signature), at)
  const fixed = yield { length: zip.FIXED.end, what }
  const files = zip.countFiles(fixed)
  if (files !== 1) throw broken('an archive of one file', `${files}`, at)
  yield { length: fixed.readUInt16LE(16), what: 'the comment of the archive' }
}

const LARGEST_END = 65_536n

function* readUInt32(what: string): Reading<number> {
  return (yield { length: 4, what }).readUInt32LE()
}

function check(file: ZipFile, { crc, packed, size }: zip.FileFacts, at: number): void {
  if (file.packed !== packed) throw broken(`${packed} packed bytes`, `${file.packed}`, at)
  if (file.size !== size) throw broken(`${size} bytes of content`, `${file.size}`, at)
  if (file.crc !== crc) throw broken(`checksum ${hex(crc)}`, hex(file.crc), at)
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`
}

function broken(expected: string, found: string, offset: number): ContainerError {
  return new ContainerError({ what: 'zip', expected, found, offset })
}
