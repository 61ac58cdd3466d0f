import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { StackError } from '../stack-error.ts'

/** Who may do everything on one server. */
export interface Login {
  readonly user: string
  readonly password: string
}

/** Where the login of the server over a folder is kept. */
export function loginFile(dataDir: string): string {
  return join(dataDir, 'credentials')
}

/**
 * The login of the server over this folder: generated the first time, kept as `user:password` in a
 * file only its owner can read.
 * @throws StackError when the file is there and is not what was written
 */
export function keepLogin(dataDir: string, nameUser: () => string): Login {
  const file = loginFile(dataDir)
  if (!existsSync(file)) {
    mkdirSync(dataDir, { recursive: true })
    // Of letters that mean nothing to any configuration it is pasted into.
    const password = randomBytes(30).toString('base64url')
    writeFileSync(file, `${nameUser()}:${password}\n`, { mode: 0o600 })
  }
  const [user, password] = readFileSync(file, 'utf8').trim().split(':')
  if (user && password) return { user, password }
  throw new StackError(`${file} does not hold credentials: delete it, and new ones are made`)
}
