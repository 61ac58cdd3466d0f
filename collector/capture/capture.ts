import { createBlockBuilder, type Block } from './block.ts'
import { codeOf, createCaptureFile, type CaptureFile } from './capture-file.ts'
import { eventLine, messageLine, type CaptureEvent, type Message } from './line.ts'
import { hourOf, type CapturePlace } from './place.ts'

/** Where everything goes that a connection brings, before anybody looks at it. */
export interface Capture {
  message(time: bigint, message: Message): void
  event(time: bigint, event: CaptureEvent): void
  /** True when the disk does not keep up: read no further, and wait for `drained`. */
  isFull(): boolean
  drained(): Promise<void>
  /** Receive time of the last line that is on disk. */
  durable(): bigint | undefined
  /** Writes what is left and finishes the file. */
  close(): Promise<void>
}

export interface CaptureOptions {
  readonly place: CapturePlace
  /** A line waits no longer than this to be written. */
  readonly flushMs?: number
  /** A file of so many bytes is finished. */
  readonly fileBytes?: number
  /** Bytes in memory from which on `isFull`. */
  readonly heldBytes?: number
  /** Lines up to here are on disk. */
  readonly onDurable?: (durable: Block) => void
  readonly onFinished?: (path: string) => void
  /** The disk is full: true if there is room now. Asked before collection fails. */
  readonly makeRoom?: () => Promise<boolean>
  readonly createFile?: typeof createCaptureFile
  /** Nothing more is kept, what was not on disk included; told once. */
  readonly onFailed: (error: unknown) => void
}

/** A frame of so many bytes goes to disk at once. */
const BLOCK_BYTES = 1024 * 1024
const DEFAULTS = {
  flushMs: 500,
  fileBytes: 500_000_000,
  heldBytes: 16 * 1024 * 1024,
  createFile: createCaptureFile,
}
const FULL = new Set(['ENOSPC', 'EDQUOT'])

export function createCapture(options: CaptureOptions): Capture {
  return new DiskCapture(options)
}

class DiskCapture implements Capture {
  readonly #options: CaptureOptions & typeof DEFAULTS
  readonly #builder = createBlockBuilder()
  #sealed: Block[] = []
  /** Bytes of blocks that are sealed and not on disk. */
  #held = 0
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> | undefined
  #file: { readonly hour: bigint; readonly open: CaptureFile } | undefined
  #durable: bigint | undefined
  #failed = false

  constructor(options: CaptureOptions) {
    this.#options = { ...DEFAULTS, ...options }
  }

  message(time: bigint, message: Message): void {
    this.#add(time, messageLine(time, message))
  }

  event(time: bigint, event: CaptureEvent): void {
    this.#add(time, [eventLine(time, event)])
  }

  isFull(): boolean {
    return this.#held + this.#builder.size > this.#options.heldBytes
  }

  async drained(): Promise<void> {
    await this.#writing
  }

  durable(): bigint | undefined {
    return this.#durable
  }

  async close(): Promise<void> {
    this.#seal()
    await this.#writing
    if (!this.#failed) await this.#finish().catch((error: unknown) => this.#fail(error))
  }

  #add(time: bigint, pieces: readonly Buffer[]): void {
    if (this.#failed) return
    if (!this.#builder.add(time, pieces)) {
      this.#seal()
      this.#builder.add(time, pieces)
    }
    if (this.#builder.size >= BLOCK_BYTES) this.#seal()
    else this.#timer ??= setTimeout(() => this.#seal(), this.#options.flushMs)
  }

  #seal(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const block = this.#builder.take()
    if (!block) return
    this.#sealed.push(block)
    this.#held += block.bytes.length
    this.#writing ??= this.#write()
  }

  async #write(): Promise<void> {
    try {
      while (this.#sealed.length > 0) await this.#writeSealed()
    } catch (error) {
      this.#fail(error)
    } finally {
      this.#writing = undefined
    }
  }

  /** All that is sealed of one hour, in one go: one wait for the disk. */
  async #writeSealed(): Promise<void> {
    const [first] = this.#sealed
    if (!first) return
    const other = this.#sealed.findIndex((block) => hourOf(block.first) !== hourOf(first.first))
    const blocks = this.#sealed.splice(0, other < 0 ? this.#sealed.length : other)
    await this.#withRoom(async () => (await this.#fileFor(first.first)).append(blocks))
    for (const block of blocks) {
      this.#held -= block.bytes.length
      this.#durable = block.last
      this.#options.onDurable?.(block)
    }
  }

  async #fileFor(time: bigint): Promise<CaptureFile> {
    const { place, fileBytes, createFile } = this.#options
    const hour = hourOf(time)
    if (this.#file && (this.#file.hour !== hour || this.#file.open.size >= fileBytes)) {
      await this.#finish()
    }
    this.#file ??= { hour, open: await createFile(place, time) }
    return this.#file.open
  }

  async #finish(): Promise<void> {
    const finished = this.#file
    this.#file = undefined
    const path = await finished?.open.finish()
    if (path !== undefined) this.#options.onFinished?.(path)
  }

  async #withRoom(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!FULL.has(codeOf(error) ?? '') || !(await this.#options.makeRoom?.())) throw error
      await work()
    }
  }

  #fail(error: unknown): void {
    this.#failed = true
    this.#sealed = []
    this.#held = 0
    clearTimeout(this.#timer)
    void this.#file?.open.abandon().catch(() => undefined)
    this.#file = undefined
    this.#options.onFailed(error)
  }
}
