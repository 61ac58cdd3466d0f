// `backtide up [--json]`: brings the local stack up and keeps it up until Ctrl-C.
import { sayOnStderr } from './say.ts'
import { runSession } from './session.ts'

const unknown = process.argv.slice(2).filter((argument) => argument !== '--json')
if (unknown.length > 0) {
  sayOnStderr(`backtide up takes --json only, not ${unknown.join(' ')}`)
  process.exit(2)
}

const code = await runSession({
  env: process.env,
  demo: false,
  say: sayOnStderr,
  work: async ({ addresses, servers: { questdbConf } }) => {
    if (process.argv.includes('--json')) {
      process.stdout.write(`${JSON.stringify({ ready: true, ...addresses, questdbConf })}\n`)
    }
    return undefined
  },
})
process.exit(code)
