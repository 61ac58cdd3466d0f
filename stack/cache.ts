import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Say } from './say.ts'

/** Fills a fresh folder; the folder enters the cache only when this returns. */
export type Fill = (folder: string) => Promise<void>

/**
 * Folder `<root>/<name>`, filled at most once however many processes ask at the same time: the
 * others wait for the one that fills it. A half-filled folder is never seen.
 */
export async function cached(root: string, name: string, fill: Fill, say: Say): Promise<string> {
  const folder = join(root, name)
  if (existsSync(folder)) return folder
  mkdirSync(root, { recursive: true })
  const unlock = await lock(join(root, `${name}.lock`), () =>
    say(`waiting for another process that is getting ${name} …`),
  )
  try {
    if (!existsSync(folder)) await fillAtomically(folder, fill)
    return folder
  } finally {
    unlock()
  }
}

async function fillAtomically(folder: string, fill: Fill): Promise<void> {
  const draft = mkdtempSync(`${folder}.draft-`)
  try {
    await fill(draft)
    renameSync(draft, folder)
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    throw error
  }
}

async function lock(path: string, onWait: () => void): Promise<() => void> {
  let waiting = false
  while (!tryLock(path)) {
    if (isStale(path)) rmSync(path, { force: true })
    else {
      if (!waiting) onWait()
      waiting = true
      await delay(300)
    }
  }
  return () => rmSync(path, { force: true })
}

function tryLock(path: string): boolean {
  try {
    writeFileSync(path, `${process.pid}`, { flag: 'wx' })
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  }
}

/** True when the process that holds the lock is gone. Two that both see it only do work twice. */
function isStale(path: string): boolean {
  try {
    const holder = Number(readFileSync(path, 'utf8'))
    if (holder > 0) process.kill(holder, 0)
    return false
  } catch (error) {
    return hasCode(error, 'ESRCH')
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
