import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { describeProcess, stillRuns, type KnownProcess } from './process-birth.ts'

/** A file that says which process holds something, and what that process wants others to know. */
export interface ProcessLock<Note> {
  /** Replaces what others can read. */
  note(note: Note): void
  release(): void
}

/** What a lock file says. */
export type Held<Note> = Note & { readonly owner: KnownProcess }

/** What to do while somebody else has a lock. */
export interface Contention<Note> {
  /** Another process has it: throws to give up, or waits before the next try. */
  held(by: Held<Note>): Promise<void>
  /**
   * Its process is gone; called before the lock is taken over. Undefined when the file is not one of
   * ours, for example cut short by a full disk.
   */
  leftBehind?(by: Held<Note> | undefined): Promise<void>
}

/**
 * Takes a lock for this process.
 * @param name how people call this process
 * @throws what `held` throws
 */
export async function takeProcessLock<Note extends object>(
  file: string,
  name: string,
  note: Note,
  { held, leftBehind }: Contention<Note>,
): Promise<ProcessLock<Note>> {
  const owner = describeProcess(name, process.pid)
  while (!tryCreate(file, { owner, ...note })) {
    const text = read(file)
    if (text === undefined) continue
    const by = parse<Note>(text)
    if (by && stillRuns(by.owner)) {
      await held(by)
      continue
    }
    await leftBehind?.(by)
    // Another process may have taken it over meanwhile.
    if (read(file) === text) rmSync(file, { force: true })
  }
  return {
    note: (now) => {
      writeFileSync(`${file}.new`, JSON.stringify({ owner, ...now }), { mode: 0o600 })
      renameSync(`${file}.new`, file)
    },
    release: () => rmSync(file, { force: true }),
  }
}

/** What a lock says while the process that has it runs; undefined when nobody has it. */
export function readProcessLock<Note extends object>(file: string): Held<Note> | undefined {
  const text = read(file)
  const held = text === undefined ? undefined : parse<Note>(text)
  return held && stillRuns(held.owner) ? held : undefined
}

/** Linked to its name when it is written: nobody sees half of it. */
function tryCreate(file: string, held: object): boolean {
  const draft = `${file}.${process.pid}-${drafts++}`
  writeFileSync(draft, JSON.stringify(held), { mode: 0o600 })
  try {
    linkSync(draft, file)
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

let drafts = 0

/** Undefined when it is gone. */
function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

function parse<Note>(text: string): Held<Note> | undefined {
  try {
    const held: Held<Note> = JSON.parse(text)
    return Number.isInteger(held.owner.pid) ? held : undefined
  } catch {
    return undefined
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
