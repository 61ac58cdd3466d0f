import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { takeProcessLock } from '../processes/process-lock.ts'
import type { Say } from '../say.ts'

/** Fills a fresh folder; the folder enters the cache only when this returns. */
export type Fill = (folder: string) => Promise<void>

const LOOK_AGAIN_MS = 300

/**
 * Folder `<root>/<name>`, filled at most once however many processes ask at the same time: the
 * others wait for the one that fills it. A half-filled folder is never seen.
 */
export async function cached(root: string, name: string, fill: Fill, say: Say): Promise<string> {
  const folder = join(root, name)
  if (existsSync(folder)) return folder
  mkdirSync(root, { recursive: true })
  let waiting = false
  const lock = await takeProcessLock(
    join(root, `${name}.lock`),
    `getting ${name}`,
    {},
    {
      held: async ({ owner }) => {
        if (!waiting) say(`waiting for process ${owner.pid}, which is getting ${name} …`)
        waiting = true
        await delay(LOOK_AGAIN_MS)
      },
    },
  )
  try {
    if (!existsSync(folder)) await fillAtomically(folder, fill)
    return folder
  } finally {
    lock.release()
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
