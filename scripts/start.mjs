// `npm start`, and with --demo `npm run demo`: from a bare clone to a verified backfill. Settings may be
// given as flags: npm start -- --api-port 9000
import { checkNode, install } from './prepare.mjs'

checkNode()
await install(['--omit=dev'])

// The SDK says at every start that it will drop Node.js 20 one day.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'

stopWithNpm()

// In this process, so that a signal has one receiver.
const { register } = await import('tsx/esm/api')
register()
const { start } = await import('../stack/start.ts')
process.exit(await start({ demo: process.argv.includes('--demo') }))

/** Killed npm takes its shell with it, but not us. */
function stopWithNpm() {
  if (!process.env.npm_lifecycle_event) return
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    process.kill(process.pid, 'SIGHUP')
  }, 1_000)
  timer.unref()
}
