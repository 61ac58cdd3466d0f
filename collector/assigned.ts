import { assignmentId, type Assignment } from '@backtide/core/live'
import type { BrokenOff, HoleCause } from '@backtide/core/hole'
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { timeOfText, timeText } from '@backtide/core/nano-time'

/** What a host was assigned, on its disk: it goes on with that at its next start, with nobody asked. */
export interface Assigned {
  readonly assignment: Assignment
  /** Where collection broke off, should this host not be heard of again. */
  readonly brokeOff: BrokenOff
}

export interface AssignedFiles {
  all(): readonly Assigned[]
  /** @throws the error of the file system */
  put(assigned: Assigned): void
  remove(id: string): void
}

/** Opens the folder; what is no file of ours in it is left alone, and told. */
export function openAssigned(
  folder: string,
  onAlarm: (message: string, error?: unknown) => void,
): AssignedFiles {
  mkdirSync(folder, { recursive: true, mode: 0o750 })
  const pathOf = (id: string) => join(folder, `${encodeURIComponent(id)}.json`)
  return {
    all: () =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .toSorted()
        .flatMap((name) => {
          try {
            return read(readFileSync(join(folder, name), 'utf8'))
          } catch (error) {
            onAlarm(`${join(folder, name)} cannot be read: its feeds wait for Temporal`, error)
            return []
          }
        }),
    put: (assigned) => write(pathOf(assignmentId(assigned.assignment)), assigned),
    remove: (id) => rmSync(pathOf(id), { force: true }),
  }
}

interface Written {
  readonly assignment: Assignment
  readonly brokeOff: { readonly at: string; readonly cause: HoleCause }
}

function read(text: string): Assigned {
  const { assignment, brokeOff } = JSON.parse(text) as Written
  const at = timeOfText(brokeOff.at)
  if (at === undefined) throw new Error(`${JSON.stringify(brokeOff.at)} is no time`)
  return { assignment, brokeOff: { at, cause: brokeOff.cause } }
}

/** Whole or not at all, also when the machine dies. */
function write(path: string, { assignment, brokeOff: { at, cause } }: Assigned): void {
  const written: Written = { assignment, brokeOff: { at: timeText(at), cause } }
  const draft = `${path}.new`
  const file = openSync(draft, 'w', 0o640)
  try {
    writeSync(file, JSON.stringify(written))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(draft, path)
}
