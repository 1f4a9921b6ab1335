import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { SourceChoice } from '@tacit/enclave'
import { createPeer, type Handler, type Peer } from '@tacit/enclave/channel'

/** Where the enclave gets its evidence; the flags of its program, which says what they mean. */
export interface EvidenceFlags {
  /** Unix socket that gives evidence; see serveTee(). */
  readonly teeSocket?: string
  /** The socket where there is one, else whatever TEE the machine has. */
  readonly evidenceSource?: SourceChoice
  /** File with a VCEK or VLEK, DER, for SEV-SNP hosts that give none. */
  readonly snpCertificate?: string
  /** None unless given. */
  readonly gpus?: 'nvattest' | 'tee-socket'
}

export interface EnclaveProcessOptions {
  readonly evidence: EvidenceFlags
  readonly role: 'contracts' | 'gatekeeper'
  readonly chainClass: 'development' | 'production'
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
  const { role, chainClass, evidence } = options
  const flags = ['--role', role, '--chain-class', chainClass, ...evidenceFlags(evidence)]
  const child = spawn(process.execPath, ['--no-warnings', MAIN, ...flags], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {},
    windowsHide: true,
  })
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

function evidenceFlags({
  teeSocket,
  evidenceSource,
  snpCertificate,
  gpus,
}: EvidenceFlags): string[] {
  const flags = {
    '--tee-socket': teeSocket,
    '--evidence-source': evidenceSource,
    '--snp-certificate': snpCertificate,
    '--gpus': gpus,
  }
  return Object.entries(flags).flatMap(([flag, value]) =>
    value === undefined ? [] : [flag, value],
  )
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
