import { createObjectDecoder } from '@backtide/datasets/object-decoder'
import type { RecordChunk } from '@backtide/datasets/decoded-object'
import { registry } from '@backtide/datasets/registry'
import type { MessagePort } from 'node:worker_threads'
import type { DecodeTask, FromThread, ToThread } from './protocol.ts'

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
  const steps = decodeSteps(task, inputs)
  let pulls = 0

  const finish = (last?: FromThread) => {
    if (last) post(port, last)
    port.close()
    done()
  }
  const work = () => {
    try {
      while (pulls > 0) {
        const { value, done: ended } = steps.next()
        if (ended) return finish(value)
        if (value === 'hungry') return
        if (value.type === 'chunk') pulls -= 1
        post(port, value)
      }
    } catch (error) {
      finish({ type: 'error', message: error instanceof Error ? error.message : String(error) })
    }
  }
  port.on('message', (message: ToThread) => {
    if (message.type === 'close') return finish()
    if (message.type === 'bytes') inputs.push(message.bytes)
    if (message.type === 'end') inputs.push(undefined)
    if (message.type === 'pull') pulls += 1
    work()
  })
}

/** The decoding of one object in steps; `hungry` when it needs an input that has not come. */
function* decodeSteps(
  task: DecodeTask,
  inputs: (Uint8Array | undefined)[],
): Generator<FromThread | 'hungry', FromThread> {
  const dataset = registry.find(task.dataset)
  if (!dataset) throw new Error(`No dataset ${task.dataset} in this worker`)
  const decoder = createObjectDecoder(dataset, task, task)
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
  return { type: 'tally', tally: decoder.tally() }
}

/** Hands the memory of a chunk over instead of copying it. */
function post(port: MessagePort, message: FromThread): void {
  if (message.type !== 'chunk') return port.postMessage(message)
  const chunk = owned(message.chunk)
  port.postMessage({ type: 'chunk', chunk } satisfies FromThread, [
    chunk.bytes.buffer as ArrayBuffer,
    chunk.ts.buffer as ArrayBuffer,
    chunk.ends.buffer as ArrayBuffer,
  ])
}

/** A chunk whose arrays share their memory with nothing else. */
function owned({ bytes, ts, ends }: RecordChunk): RecordChunk {
  const whole = bytes.byteLength === bytes.buffer.byteLength
  return { bytes: whole ? bytes : new Uint8Array(bytes), ts: ts.slice(), ends: ends.slice() }
}
