// What has to be there before any TypeScript can run. No dependencies: they may not be installed.
import { spawn } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

const OLDEST_NODE = [20, 19]

/** Ends the process with a clear message when this Node.js is too old. */
export function checkNode(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number)
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return
  console.error(
    `Backtide needs Node.js ${OLDEST_NODE.join('.')} or newer, and this is ${version}: ` +
      'install a newer one (https://nodejs.org/en/download) and try again.',
  )
  process.exit(4)
}

/** Installs the packages when they are missing or older than the lockfile. */
export async function install() {
  const lockfile = join(root, 'package-lock.json')
  // npm writes this one at the end of every install.
  const installed = join(root, 'node_modules', '.package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lockfile).mtimeMs) return
  const started = Date.now()
  const seconds = () => Math.round((Date.now() - started) / 1000)
  console.error('Installing packages …')
  const timer = setInterval(() => console.error(`Installing packages … ${seconds()} s`), 15_000)
  const code = await npm('ci', '--loglevel=silent').then((failed) => {
    // Some versions of npm refuse a lockfile that lacks packages for other systems than this one.
    return failed && npm('install', '--no-save', '--loglevel=error')
  })
  clearInterval(timer)
  if (code !== 0) {
    console.error('The packages cannot be installed: what npm says above has the reason.')
    process.exit(4)
  }
  console.error(`Installed in ${seconds()} s.`)
}

/** Runs npm, the one that runs us if there is one; its exit code. */
function npm(...args) {
  const itself = process.env.npm_execpath
  const command = itself ? [process.execPath, itself] : ['npm']
  return run([...command, ...args, '--include=dev'])
}

/** Runs a command in the clone, its stdout on our stderr, and passes signals on; its exit code. */
export function run([command, ...args], stdout = 2) {
  const child = spawn(command, args, { cwd: root, stdio: ['inherit', stdout, 'inherit'] })
  const forward = (signal) => child.kill(signal)
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, forward)
  return new Promise((resolve) => {
    const done = (code) => {
      for (const signal of signals) process.off(signal, forward)
      resolve(code)
    }
    child.on('error', (error) => {
      console.error(`${command} cannot be started: ${error.message}`)
      done(4)
    })
    child.on('exit', (code, signal) => done(signal ? 130 : code))
  })
}
