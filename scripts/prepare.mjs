// What has to be there before any TypeScript can run: `node scripts/prepare.mjs [--omit=dev]`, and
// the beginning of `npm start` (which omits what only tests need) and `npm test`. No dependencies: they may
// not be installed.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

const OLDEST_NODE = [20, 19]

/** A statement for each package with a binary of its own for every system, that fails without it. */
const NATIVE_PACKAGES = {
  'lz4-napi': 'require("lz4-napi").compressFrameSync(Buffer.from("x"))',
  '@temporalio/core-bridge': 'require("@temporalio/core-bridge")',
  '@swc/core': 'require("@swc/core").transformSync("let x")',
  esbuild: 'require("esbuild").transformSync("let x")',
}

/** npm writes this one at the end of every install. */
const installed = join(root, 'node_modules', '.package-lock.json')

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  checkNode()
  await install(process.argv.slice(2))
}

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

/**
 * Installs the packages when they are missing or older than the lockfile; ends the process if it cannot.
 * `--include=dev` installs what tests need as well, `--omit=dev` leaves it where it is there.
 */
export async function install(options) {
  if (isInstalled(options)) return
  const started = Date.now()
  const seconds = () => Math.round((Date.now() - started) / 1000)
  console.error('Installing packages …')
  const timer = setInterval(() => console.error(`Installing packages … ${seconds()} s`), 15_000)
  const code = await npm('ci', '--loglevel=error', ...options)
  if (code !== 0) giveUp('The packages cannot be installed: what npm says above has the reason.')
  await mendNativePackages(options)
  clearInterval(timer)
  console.error(`Installed in ${seconds()} s.`)
}

function isInstalled(options) {
  const lockfile = join(root, 'package-lock.json')
  if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lockfile).mtimeMs)
    return false
  return (
    !options.includes('--include=dev') || readFileSync(installed, 'utf8').includes('"dev": true')
  )
}

/**
 * npm leaves out the binaries of other systems than the one a lockfile was written on
 * (https://github.com/npm/cli/issues/4828): what cannot be loaded is resolved afresh.
 */
async function mendNativePackages(options) {
  const broken = await brokenPackages()
  if (broken.length === 0) return
  console.error(
    `Not usable on ${process.platform} ${process.arch} as the lockfile has it: ${broken.join(', ')}. ` +
      'Resolving packages again without the lockfile …',
  )
  rmSync(join(root, 'node_modules'), { recursive: true, force: true })
  const code = await npm('install', '--no-package-lock', '--loglevel=error', ...options)
  const still = code === 0 ? await brokenPackages() : broken
  if (still.length === 0) return
  // So that the next start does not take this for a finished install.
  rmSync(installed, { force: true })
  giveUp(
    `These packages have no binary that works on ${process.platform} ${process.arch}: ` +
      `${still.join(', ')}. Backtide runs on Linux with glibc, and on macOS.`,
  )
}

/** Names of the native packages that do not work when they are loaded, each in a process of its own. */
async function brokenPackages() {
  const checks = Object.entries(NATIVE_PACKAGES).map(async ([name, statement]) => {
    const code = await run([process.execPath, '-e', statement], 'ignore', 'ignore')
    return code === 0 ? [] : [name]
  })
  return (await Promise.all(checks)).flat()
}

function giveUp(message) {
  console.error(message)
  process.exit(4)
}

/** Runs npm, the one that runs us if there is one; its exit code. */
async function npm(...args) {
  const itself = process.env.npm_execpath
  const code = await run([...(itself ? [process.execPath, itself] : ['npm']), ...args])
  if (code === 130) process.exit(130)
  return code
}

/** Runs a command in the clone, its stdout on our stderr, and passes signals on; its exit code. */
export function run([command, ...args], stdout = 2, stderr = 'inherit') {
  const child = spawn(command, args, { cwd: root, stdio: ['inherit', stdout, stderr] })
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
