import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { StackError } from './stack-error.ts'

/** Who may do everything on one S3 service. */
export interface S3Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/**
 * Root credentials of the gateway over this folder: generated the first time, kept in a file only
 * its owner can read.
 * @throws StackError when the file is there and is not what was written
 */
export function loadCredentials(dataDir: string): S3Credentials {
  const file = join(dataDir, 'credentials')
  if (!existsSync(file)) writeFileSync(file, generate(), { mode: 0o600 })
  const [accessKeyId, secretAccessKey] = readFileSync(file, 'utf8').trim().split(':')
  if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey }
  throw new StackError(`${file} does not hold credentials: delete it, and new ones are made`)
}

function generate(): string {
  const accessKeyId = `BACKTIDE${randomBytes(6).toString('hex').toUpperCase()}`
  return `${accessKeyId}:${randomBytes(30).toString('base64url')}\n`
}
