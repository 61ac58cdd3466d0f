import type { WriteStream } from 'node:tty'

/** Progress of something on screen. */
export interface Progress {
  show(done: number, total: number, more: string): void
  end(): void
}

const WIDTH = 30
const EVERY_MS = 10_000

/** A bar that moves on a terminal; a line every ten seconds where there is none. */
export function createProgress(title: string, out: WriteStream = process.stderr): Progress {
  let last: string | undefined
  let printedAt = 0
  return {
    show(done, total, more) {
      last = describe(title, done, total, more)
      if (out.isTTY) out.write(`\r\u001b[K${last}`)
      else if (Date.now() - printedAt >= EVERY_MS) {
        printedAt = Date.now()
        out.write(`${last}\n`)
      }
    },
    end() {
      if (last !== undefined) out.write(out.isTTY ? '\n' : `${last}\n`)
    },
  }
}

function describe(title: string, done: number, total: number, more: string): string {
  const part = total > 0 ? Math.min(1, done / total) : 0
  const full = Math.round(part * WIDTH)
  const bar = '█'.repeat(full) + '░'.repeat(WIDTH - full)
  return `${title} ${bar} ${Math.floor(part * 100)} %  ${done}/${total} objects, ${more}`
}
