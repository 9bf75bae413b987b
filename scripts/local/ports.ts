import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

/** A port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  return tryPort(0)
}

/** @throws Error saying that the port is taken and which variable chooses another */
export async function requireFreePort(port: number, variable: string): Promise<void> {
  await tryPort(port).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new Error(`Port ${port} is already taken. Choose another with ${variable}=<port>.`)
    }
    throw error
  })
}

async function tryPort(port: number): Promise<number> {
  const server = createServer()
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  // A TCP server that listens has an address of this form.
  const { port: actualPort } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return actualPort
}
