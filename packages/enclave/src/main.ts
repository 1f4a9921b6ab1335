import { randomBytes } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { err } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { BASE_COMMAND_GAS } from '@tacit/runtime'
import { createSandbox, type Sandbox } from '@tacit/sandbox'
import { HELP, readArguments } from './arguments.ts'
import { createPeer } from './channel/peer.ts'
import type { RunCall } from './contract/run-batch.ts'
import { chooseSource, PLACES, type ChooseError } from './evidence/choose-source.ts'
import { nodeFiles } from './evidence/device-files.ts'
import type { EvidenceSource, GpuSource } from './evidence/evidence-source.ts'
import { nvidiaGpus } from './evidence/nvidia-gpus.ts'
import { sleep } from './evidence/retry.ts'
import { teeSocketGpus } from './evidence/tee-socket.ts'
import { createEnclave, findUntested } from './process/enclave.ts'

const QUOTE_TIMEOUT_MS = 30_000
/** A report of each device, one after the other. */
const GPU_TIMEOUT_MS = 120_000
const MAX_CERTIFICATE_BYTES = 4_096
const COMMAND_DEADLINE_MS = 5_000
/** Three times what a million of gas takes: gas ends a command, this only a broken machine. */
const COMMAND_DEADLINE_MS_PER_MILLION_GAS = 240
const QUERY_DEADLINE_MS = 5_000
const QUERY_GAS_LIMIT = 50_000_000n
const MAX_CONCURRENT = 256

function fail(message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(2)
}

const parsed = readArguments(process.argv.slice(2))
if (!parsed.ok) fail(parsed.error.message)
if (parsed.value === undefined) {
  process.stdout.write(HELP)
  process.exit(0)
}
const { role, chainClass, teeSocket, snpCertificate, ...args } = parsed.value
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))

async function readSource(): Promise<EvidenceSource> {
  const chosen = await chooseSource({
    name: args.evidenceSource,
    teeSocketPath: teeSocket,
    certificate: snpCertificate === undefined ? undefined : await readCertificate(snpCertificate),
    files: nodeFiles,
    random,
    sleep,
    timeoutMs: QUOTE_TIMEOUT_MS,
    places: { ...PLACES, hasSocket },
  })
  return chosen.ok ? chosen.value : fail(explainChoice(chosen.error))
}

function explainChoice(error: ChooseError): string {
  if (error.code === 'tee_socket_missing') {
    return 'tee_socket_missing: --tee-socket names the unix socket that gives evidence'
  }
  const places = error.looked.join(', ')
  return `source_missing: no TEE here: looked at ${places}; name another with --evidence-source`
}

async function readCertificate(path: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch(() => fail(`--snp-certificate: no file ${path}`))
  return bytes.length <= MAX_CERTIFICATE_BYTES
    ? new Uint8Array(bytes)
    : fail(`--snp-certificate: ${path} is larger than any certificate of AMD's`)
}

function hasSocket(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isSocket(),
    () => false,
  )
}

function readGpus(): { readonly gpus?: GpuSource } {
  if (args.gpus === 'nvattest') return { gpus: nvidiaGpus({ ...args, timeoutMs: GPU_TIMEOUT_MS }) }
  const isOffered = args.gpus === 'tee-socket' && teeSocket !== undefined
  return isOffered ? { gpus: teeSocketGpus(teeSocket, GPU_TIMEOUT_MS) } : {}
}

/** Starts the process at once, in parallel to everything else; calls wait for it. */
function startSandbox(): RunCall {
  const starting: Promise<Sandbox> = createSandbox()
  starting.catch(() => fail('the sandbox does not start'))
  return async (call) => (await starting).call(call)
}

/**
 * Commands have a process ready from the start. That of queries starts with the first command, so
 * that it takes no time from the boot and is there when somebody asks.
 */
function startSandboxes(): { readonly runCommand: RunCall; readonly runQuery: RunCall } {
  const command = startSandbox()
  let query: RunCall | undefined
  const runQuery: RunCall = (call) => {
    query ??= startSandbox()
    return query(call)
  }
  return {
    runCommand: (call) => {
      query ??= startSandbox()
      return command(call)
    },
    runQuery,
  }
}

/** A gatekeeper runs no contracts. */
function noSandboxes(): { readonly runCommand: RunCall; readonly runQuery: RunCall } {
  const closed: RunCall = () => Promise.resolve(err({ code: 'sandbox_closed', gasUsed: 0n }))
  return { runCommand: closed, runQuery: closed }
}

const sources = { evidence: await readSource(), ...readGpus() }
const untested = findUntested(sources)
if (untested !== undefined) {
  process.stderr.write(`evidence collector ${untested}: never ran on the hardware it is for\n`)
}

const enclaveParts = {
  role,
  chainClass,
  crypto: native,
  random,
  ...sources,
  ...(role === 'contracts' ? startSandboxes() : noSandboxes()),
  batchLimits: {
    baseGas: BASE_COMMAND_GAS,
    deadlineMs: COMMAND_DEADLINE_MS,
    deadlineMsPerMillionGas: COMMAND_DEADLINE_MS_PER_MILLION_GAS,
  },
  queryLimits: { gasLimit: QUERY_GAS_LIMIT, deadlineMs: QUERY_DEADLINE_MS },
}

const handle = createEnclave(enclaveParts, {
  request: (method, params) => peer.request(method, params),
})
const peer = createPeer({
  input: process.stdin,
  output: process.stdout,
  handle,
  maxConcurrent: MAX_CONCURRENT,
  maxPending: MAX_CONCURRENT,
})
// The worker is gone: nobody can be served any more.
await peer.closed
process.exit(0)
