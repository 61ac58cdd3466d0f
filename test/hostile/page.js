// What a hostile page does, in a browser: `attack(origin, attacks)` sends each of `{ path, body? }` (a POST
// when there is a body) to a server in every way a page has, and gives what it could read of the answers,
// as [way, url, text].

/** Longest that one way is waited for, in milliseconds: some servers never answer HTTP. */
const PATIENCE = 3_000

window.attack = async (origin, attacks) => {
  const sent = attacks.flatMap(({ path, body }) =>
    Object.entries(body === undefined ? GET : POST).map(async ([way, send]) => {
      const url = origin + path
      const late = new Promise((resolve) => setTimeout(resolve, PATIENCE))
      const text = await Promise.race([send(url, body).catch(() => undefined), late])
      return text ? [[way, url, text]] : []
    }),
  )
  return (await Promise.all(sent)).flat()
}

const GET = {
  fetch: (url) => ask(url, {}),
  'fetch with credentials': (url) => ask(url, { credentials: 'include' }),
  'fetch no-cors': (url) => ask(url, { mode: 'no-cors', credentials: 'include' }),
  image: (src) => settled(element('img', { src })),
  script: (src) => settled(element('script', { src })),
  stylesheet: (href) => settled(element('link', { rel: 'stylesheet', href })),
  frame: (src) => framed({ src }),
  EventSource: (url) => {
    const source = new EventSource(url, { withCredentials: true })
    return settled(source).finally(() => source.close())
  },
  WebSocket: (url) => {
    const socket = new WebSocket(url.replace('http', 'ws'))
    return settled(socket).finally(() => socket.close())
  },
}

const POST = {
  fetch: (url, body) => ask(url, { method: 'POST', body }),
  'fetch no-cors': (url, body) =>
    ask(url, { method: 'POST', mode: 'no-cors', credentials: 'include', body }),
  'fetch of JSON': (url, body) =>
    ask(url, { method: 'POST', body, headers: { 'Content-Type': 'application/json' } }),
  'fetch with the CSRF token': async (url, body) => {
    await ask(url.replace(/\/workflows\/.*/, '/workflows'), { credentials: 'include' })
    const [, token = ''] = /_csrf=([^;]+)/.exec(document.cookie) ?? []
    return await ask(url, { method: 'POST', body, headers: { 'X-CSRF-Token': token } })
  },
  form: (action, body) => {
    const target = `answer${Math.random()}`
    const answer = framed({ name: target })
    const form = element('form', { action, method: 'post', enctype: 'text/plain', target })
    form.append(Object.assign(document.createElement('input'), { name: body, value: '' }))
    form.submit()
    return answer
  },
  beacon: async (url, body) => void navigator.sendBeacon(url, body),
}

async function ask(url, init) {
  const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(PATIENCE) })
  return await answer.text()
}

function element(name, set) {
  const made = Object.assign(document.createElement(name), set)
  document.body.append(made)
  return made
}

function framed(set) {
  const frame = element('iframe', set)
  return settled(frame).then(() => frame.contentDocument?.body?.innerText)
}

/** Until something came of it; the text of a message. */
function settled(target) {
  const events = ['load', 'error', 'open', 'message', 'close']
  return new Promise((resolve) => {
    for (const type of events) target.addEventListener(type, ({ data }) => resolve(data))
  })
}
