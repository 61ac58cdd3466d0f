import { createContainer } from '@backtide/datasets/containers/create-container'
import { createLineSplitter } from '@backtide/datasets/decode/lines'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A line of a capture as anybody reads it. */
export interface CapturedLine {
  readonly time: string
  readonly ver_num: number
  readonly raw?: unknown
  readonly text?: string
  readonly base64?: string
  readonly event?: { readonly event: string; readonly [field: string]: unknown }
}

/** A new folder that goes when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'backtide-capture-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Files under a folder, by their paths in it, in order. */
export function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.includes('.lz4'))
    .toSorted()
}

/** Texts of the lines of one file, by the readers of archives. */
export function readTexts(path: string): readonly string[] {
  const container = createContainer('lz4')
  const splitter = createLineSplitter(128 * 1024 * 1024)
  const lines: string[] = []
  for (const chunk of container.push(readFileSync(path))) {
    for (const line of splitter.push(chunk)) lines.push(line.toString())
  }
  container.end()
  for (const line of splitter.end()) lines.push(line.toString())
  return lines
}

/** Lines of all files under a folder, in the order of their names. */
export function readCaptures(folder: string): readonly CapturedLine[] {
  return filesOf(folder).flatMap((name) =>
    readTexts(join(folder, name)).map((text) => JSON.parse(text) as CapturedLine),
  )
}
