// `backtide up [--json] [flags of settings]`: brings the local stack up and keeps it up until Ctrl-C.
import { sayOnStderr } from './say.ts'
import { runSession } from './session.ts'

const code = await runSession({
  env: process.env,
  told: { argv: process.argv.slice(2), own: 'json', cwd: process.cwd() },
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
