// Outlives its parent by a few seconds, to end what the parent started: when the pipe on stdin
// closes, for whatever reason (SIGKILL included), every process group still registered is told to
// stop, and killed if it does not. One line per message: `+<group>` registers, `-<group>` forgets.
const GRACE_MS = 5_000
const groups = new Set()
let rest = ''

// A Ctrl-C in the terminal is for the parent to handle.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})

process.stdin.setEncoding('utf8')
process.stdin.on('data', (chunk) => {
  const lines = (rest + chunk).split('\n')
  rest = lines.pop() ?? ''
  for (const line of lines) take(line)
})
// A broken pipe is as closed as a closed one: `close` comes after `error`.
process.stdin.on('error', () => {})
process.stdin.on('close', endAll)

function take(line) {
  const group = Number(line.slice(1))
  if (!Number.isInteger(group) || group < 2) return
  if (line.startsWith('+')) groups.add(group)
  else groups.delete(group)
}

function endAll() {
  const deadline = Date.now() + GRACE_MS
  for (const group of groups) signalGroup(group, 'SIGTERM')
  const timer = setInterval(() => {
    for (const group of groups) if (!signalGroup(group, 0)) groups.delete(group)
    if (groups.size > 0 && Date.now() < deadline) return
    for (const group of groups) signalGroup(group, 'SIGKILL')
    clearInterval(timer)
  }, 50)
}

/** False when the group has no process any more. */
function signalGroup(group, signal) {
  try {
    process.kill(-group, signal)
    return true
  } catch {
    return false
  }
}
