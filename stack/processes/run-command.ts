import { execFile } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { explainExit, startProcess, type ProcessSpec } from './server-process.ts'
import { StackError } from '../stack-error.ts'

/** Absolute path of a command on the search path, or undefined. */
export function onPath(command: string, searchPath: string | undefined): string | undefined {
  const folders = (searchPath ?? '').split(delimiter).filter((folder) => folder !== '')
  return folders.map((folder) => join(folder, command)).find(isExecutable)
}

/**
 * Runs a command to its end. It ends with us, and what it prints goes to its log file.
 * @throws StackError with the end of the log when it fails
 */
export async function runCommand(spec: ProcessSpec): Promise<void> {
  const running = startProcess(spec)
  const exit = await running.exited
  if (exit.code !== 0) throw new StackError(explainExit(running, exit))
}

/** What a short command prints, stdout and stderr together; undefined when it cannot be run. */
export function outputOf(command: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(command, args, { timeout: 20_000 }, (error, stdout, stderr) =>
      resolve(error ? undefined : `${stdout}${stderr}`),
    )
  })
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
