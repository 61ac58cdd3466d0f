import { createServer, type AddressInfo } from 'node:net'
import { freePort, isFree } from '@backtide/stack/servers/ports'
import { takeDefaultPort, takePort } from '@backtide/stack/servers/ports'
import { describe, expect, it, onTestFinished } from 'vitest'

describe('ports of the local stack', () => {
  it('are free, and never given twice', async () => {
    const ports = await Promise.all(Array.from({ length: 20 }, freePort))
    expect(new Set(ports).size).toBe(20)
    expect(await Promise.all(ports.map((port) => isFree(port)))).not.toContain(false)
  })

  it('make way for what holds a default port, and say so', async () => {
    const taken = await takenPort()
    const said: string[] = []
    const port = await takeDefaultPort('QuestDB', taken, (line) => said.push(line))
    expect(port).not.toBe(taken)
    expect(said).toEqual([`Port ${taken} is taken: QuestDB uses ${port}.`])
  })

  it('that were asked for are not replaced: the fix is named instead', async () => {
    const port = await takenPort()
    const asked = { port, setBy: 'BACKTIDE_PORT' }
    await expect(takePort('the API', asked, '127.0.0.1', () => {})).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringMatching(new RegExp(`${port}.*set BACKTIDE_PORT to another port`)),
    })
  })
})

async function takenPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  return port
}
