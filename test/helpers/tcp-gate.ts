import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A way to a server that can be cut: nothing comes through, and nobody is told. */
export interface TcpGate extends AsyncDisposable {
  /** `127.0.0.1:<port>` */
  readonly host: string
  /** Holds all bytes, of connections to come too. */
  cut(): void
  /** Lets everything through again. */
  mend(): void
}

/** Opens a gate in front of a server at `host:port`. */
export async function openTcpGate(target: string): Promise<TcpGate> {
  const [host = '', port = ''] = target.split(':')
  const sockets = new Set<Socket>()
  let whole = true
  const server = createServer((near) => {
    const far = connect(Number(port), host)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      if (!whole) from.pause()
      from.on('data', (bytes) => to.write(bytes))
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const set = (open: boolean) => {
    whole = open
    for (const socket of sockets) {
      if (open) socket.resume()
      else socket.pause()
    }
  }
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: () => set(false),
    mend: () => set(true),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
