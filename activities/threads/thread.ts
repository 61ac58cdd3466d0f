import { createObjectDecoder } from '@backtide/datasets/decode/object-decoder'
import type { TakeMemory } from '@backtide/datasets/decode/record-sorter'
import { createSpareMemory } from '@backtide/datasets/values/spare-memory'
import { registry } from '@backtide/datasets/registry'
import { constants, setPriority } from 'node:os'
import { createBufferPool, type BufferPool } from './buffer-pool.ts'
import type { DecodeTask, FromThread, ToThread } from './protocol.ts'

/**
 * Decoding gives way to whoever waits for a processor: to the main thread, which has heartbeats and
 * sends to attend to, and to a database on the same machine. On Linux a priority is a thread's own
 * (https://man7.org/linux/man-pages/man2/setpriority.2.html, "C library/kernel differences");
 * elsewhere it would be the whole process's.
 */
if (process.platform === 'linux') setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL)

/**
 * Body of a decoding thread: decodes one object as its bytes come and its chunks are pulled. Many
 * run interleaved in one thread, each a chunk at a time.
 */
export async function decodeObject(task: DecodeTask): Promise<void> {
  await new Promise<void>((resolve) => serve(task, resolve))
}

function serve(task: DecodeTask, done: () => void): void {
  const { port } = task
  const inputs: (Uint8Array | undefined)[] = []
  const buffers = createBufferPool()
  const steps = decodeSteps(task, inputs, buffers)
  let pulls = 0
  let workedMs = 0

  const finish = (last?: FromThread) => {
    if (last) port.postMessage(last)
    port.close()
    done()
  }
  const work = () => {
    const since = performance.now()
    try {
      while (pulls > 0) {
        const { value, done: ended } = steps.next()
        if (ended) {
          workedMs += performance.now() - since
          return finish({ type: 'tally', ...value, workedMs })
        }
        if (value === 'hungry') return
        if (value.type === 'chunk') pulls -= 1
        port.postMessage(value)
      }
    } catch (error) {
      finish({ type: 'error', message: error instanceof Error ? error.message : String(error) })
    }
    workedMs += performance.now() - since
  }
  port.on('message', (message: ToThread) => {
    if (message.type === 'close') return finish()
    if (message.type === 'bytes') inputs.push(message.bytes)
    if (message.type === 'end') inputs.push(undefined)
    if (message.type === 'pull') {
      pulls += 1
      if (message.memory) buffers.give(message.memory)
    }
    work()
  })
}

/** The decoding of one object in steps; `hungry` when it needs an input that has not come. */
function* decodeSteps(
  task: DecodeTask,
  inputs: (Uint8Array | undefined)[],
  buffers: BufferPool,
): Generator<Step, Decoded> {
  const dataset = registry.find(task.dataset)
  if (!dataset) throw new Error(`No dataset ${task.dataset} in this worker`)
  const takeMemory = reuse(buffers, task.chunkBytes)
  const decoder = createObjectDecoder(dataset, task, task, { ...MEMORY, takeMemory })
  for (;;) {
    if (inputs.length === 0) {
      yield 'hungry'
      continue
    }
    const input = inputs.shift()
    if (input === undefined) break
    for (const chunk of decoder.push(input)) yield { type: 'chunk', chunk }
    yield { type: 'taken' }
  }
  for (const chunk of decoder.end()) yield { type: 'chunk', chunk }
  return { tally: decoder.tally(), spare: buffers.drain() }
}

/** Of all objects of this thread: one window of rows of the largest kind, and one block. */
const MEMORY = {
  rowMemory: createSpareMemory(8 * 1024 * 1024),
  blockMemory: createSpareMemory(5 * 1024 * 1024),
}

type Decoded = Pick<Extract<FromThread, { type: 'tally' }>, 'tally' | 'spare'>

type Step = Extract<FromThread, { type: 'chunk' | 'taken' }> | 'hungry'

/** Memory that came back, as far as it is large enough. */
function reuse(buffers: BufferPool, chunkBytes: number): TakeMemory {
  return (bytes) => {
    const used = buffers.take()
    const memory =
      used && used.byteLength >= bytes ? used : new SharedArrayBuffer(Math.max(bytes, chunkBytes))
    return new Uint8Array(memory, 0, bytes)
  }
}
