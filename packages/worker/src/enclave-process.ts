import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createPeer, type Handler, type Peer } from '@tacit/enclave/channel'

export interface EnclaveProcessOptions {
  readonly role: 'contracts' | 'gatekeeper'
  readonly chainClass: 'development' | 'production'
  readonly teeSocket: string
  /** Answers what the enclave asks for: proofs, inbox entries, sealed states. */
  readonly handle: Handler
  /** A line of the enclave's own log. */
  readonly log: (line: string) => void
  readonly observe?: (direction: 'in' | 'out', message: unknown) => void
}

/** A running enclave and the channel to it. */
export interface EnclaveProcess {
  readonly pid: number | undefined
  readonly peer: Peer
  /** Resolves when the process is gone, whoever ended it. */
  readonly exited: Promise<void>
  stop(): Promise<void>
}

const MAIN = fileURLToPath(import.meta.resolve('@tacit/enclave/main'))
const MAX_LOG_LINE = 512

export function spawnEnclave(options: EnclaveProcessOptions): EnclaveProcess {
  const { role, chainClass, teeSocket } = options
  const child = spawn(
    process.execPath,
    ['--no-warnings', MAIN, '--role', role, '--chain-class', chainClass, '--tee-socket', teeSocket],
    { stdio: ['pipe', 'pipe', 'pipe'], env: {}, windowsHide: true },
  )
  forwardLog(child, options.log)
  const peer = createPeer({
    input: child.stdout,
    output: child.stdin,
    handle: options.handle,
    maxConcurrent: 256,
    maxPending: 256,
    ...(options.observe ? { observe: options.observe } : {}),
  })
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  const exited = new Promise<void>((resolve) => {
    const gone = (): void => {
      process.off('exit', kill)
      peer.close()
      resolve()
    }
    child.once('exit', gone)
    child.once('error', gone)
  })
  return {
    pid: child.pid,
    peer,
    exited,
    stop: () => {
      kill()
      return exited
    },
  }
}

function forwardLog(child: ChildProcess, log: (line: string) => void): void {
  let rest = ''
  child.stderr?.setEncoding('utf8')
  child.stderr?.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = (lines.pop() ?? '').slice(-MAX_LOG_LINE)
    for (const line of lines) log(line.slice(0, MAX_LOG_LINE))
  })
}
