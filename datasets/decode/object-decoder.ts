import { createHash } from 'node:crypto'
import { formatAt, type Dataset, type ObjectContext } from '../dataset.ts'
import type { ObjectTally, RecordChunk } from './decoded-object.ts'
import { HeaderChangedError } from '../values/csv-header.ts'
import type { SpareMemory } from '../values/spare-memory.ts'
import { LineReader } from './line-reader.ts'
import { createLineSplitter, LineTooLongError } from './lines.ts'
import { ContainerError } from '../containers/container.ts'
import { createContainer } from '../containers/create-container.ts'
import { createTallyKeeper } from './object-tally.ts'
import { createRecordSorter, type SorterLimits, type TakeMemory } from './record-sorter.ts'

/** Decodes one object that arrives in pieces. Run every generator to its end. */
export interface ObjectDecoder {
  /** Chunks of rows that can be sent now. Bytes after a corrupt place are ignored. */
  push(compressed: Uint8Array): Generator<RecordChunk, void>
  /** All chunks that are left; call it once, after the last push. */
  end(): Generator<RecordChunk, void>
  /** What the object held; final after `end`. */
  tally(): ObjectTally
}

export interface DecoderOptions {
  /** False: every line is parsed in full. Gives the same, slowly; for tests. */
  readonly scan?: boolean
  /** Where the memory of chunks comes from; fresh without it. */
  readonly takeMemory?: TakeMemory
  /** Where rows are held back; fresh memory without it. */
  readonly rowMemory?: SpareMemory
  /** Where bytes are unfolded; fresh memory without it. */
  readonly blockMemory?: SpareMemory
}

/**
 * Decoder of one object of a dataset, in the format that objects of its time and place have. Broken
 * bytes and unknown formats are not thrown: they are facts of the object and stand in the tally.
 * Memory: `reorderBytes`, `chunkBytes`, a block of the frame, a line, and what the tally counts.
 */
export function createObjectDecoder(
  dataset: Dataset,
  object: ObjectContext,
  limits: SorterLimits,
  options: DecoderOptions = {},
): ObjectDecoder {
  const hash = createHash('sha256')
  const lines = createLineSplitter()
  const tally = createTallyKeeper()
  const { takeMemory, rowMemory, blockMemory } = options
  const sorter = createRecordSorter(limits, tally, { origin: object, takeMemory, rowMemory })
  const format = formatAt(dataset, object.from, object.part)
  const container = createContainer(format.container, { memory: blockMemory })
  const { scan = true } = options
  const reader = new LineReader({ reader: format.createReader(object), scan, sorter, tally })
  let packed = 0
  let bytes = 0
  let fault: Fault = {}

  function* decode(chunks: Iterable<Uint8Array>): Generator<RecordChunk, void> {
    for (const chunk of chunks) {
      bytes += chunk.length
      yield* readLines(lines.push(chunk))
    }
  }

  function* readLines(complete: Iterable<Buffer>): Generator<RecordChunk, void> {
    for (const line of complete) {
      reader.read(line)
      if (sorter.isFull()) yield* sorter.drain()
    }
  }

  function* finish(): Generator<RecordChunk, void> {
    // A window of a history without records is no object that lost its bytes.
    if (packed > 0 || dataset.source.kind !== 'rest') container.end()
    if (format.needsLineEnd) for (const line of lines.end()) reader.rejectCut(line)
    else yield* readLines(lines.end())
    reader.end()
  }

  function* guard(work: Iterable<RecordChunk>): Generator<RecordChunk, void> {
    if (isFaulty(fault)) return
    try {
      yield* work
    } catch (error) {
      fault = faultOf(error)
    }
  }

  return {
    *push(compressed) {
      hash.update(compressed)
      packed += compressed.length
      yield* guard(decode(container.push(compressed)))
    },
    *end() {
      yield* guard(finish())
      if (fault.refused === undefined) yield* sorter.flush()
    },
    tally: () => tally.collect({ bytes, contentHash: hash.copy().digest('hex'), ...fault }),
  }
}

/** Why decoding stopped before the end of the object. */
type Fault = Pick<ObjectTally, 'corrupt' | 'refused'>

function isFaulty(fault: Fault): boolean {
  return fault.corrupt !== undefined || fault.refused !== undefined
}

/** @throws the error itself when it is not about the object */
function faultOf(error: unknown): Fault {
  if (error instanceof HeaderChangedError) return { refused: error.message }
  if (error instanceof ContainerError || error instanceof LineTooLongError) {
    return { corrupt: error.message }
  }
  throw error
}
