import { existsSync, openSync, renameSync, rmSync } from 'node:fs'
import { copyFile, stat, truncate } from 'node:fs/promises'

/** A log longer than this, in bytes, is begun anew. */
const MOST_BYTES = 10 * 1024 * 1024

/** How often that is looked at, in milliseconds. */
const EVERY_MS = 5_000

/** Earlier files that are kept, `<file>.1` the newest of them. */
const KEPT = 3

/** Opens a log for a child to append to; what is there of the run before becomes `<file>.1`. */
export function openLog(file: string): number {
  if (existsSync(file)) {
    makeRoom(file)
    renameSync(file, `${file}.1`)
  }
  return openSync(file, 'a', 0o600)
}

/**
 * Keeps a log that another process appends to from growing without end: its text is copied to
 * `<file>.1`, and the file cut to nothing, as logrotate's `copytruncate` does it
 * (https://man7.org/linux/man-pages/man8/logrotate.8.html). A pipe through this process instead would have
 * a database wait for us. Lines written between copy and cut are lost.
 */
export function limitLog(file: string, mostBytes = MOST_BYTES, everyMs = EVERY_MS) {
  let busy = false
  const look = async () => {
    if (busy) return
    busy = true
    try {
      if ((await stat(file)).size <= mostBytes) return
      makeRoom(file)
      await copyFile(file, `${file}.1`)
      await truncate(file)
    } catch {
      // A disk that is full, a file that is gone: the next look may fare better.
    } finally {
      busy = false
    }
  }
  const timer = setInterval(() => void look(), everyMs)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}

/** Moves the earlier files on, the oldest out. */
function makeRoom(file: string): void {
  rmSync(`${file}.${KEPT}`, { force: true })
  for (let number = KEPT - 1; number >= 1; number--) {
    if (existsSync(`${file}.${number}`)) renameSync(`${file}.${number}`, `${file}.${number + 1}`)
  }
}
