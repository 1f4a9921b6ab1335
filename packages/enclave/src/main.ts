import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { err } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { BASE_COMMAND_GAS } from '@tacit/runtime'
import { createSandbox, type Sandbox } from '@tacit/sandbox'
import { createPeer } from './channel/peer.ts'
import type { RunCall } from './contract/run-batch.ts'
import { teeSocket } from './evidence/tee-socket.ts'
import { createEnclave } from './process/enclave.ts'

const QUOTE_TIMEOUT_MS = 30_000
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

function oneOf<const T extends string>(
  name: string,
  value: string | undefined,
  words: readonly T[],
): T {
  return words.find((word) => word === value) ?? fail(`--${name} is one of ${words.join(', ')}`)
}

const { values } = parseArgs({
  options: {
    role: { type: 'string' },
    'chain-class': { type: 'string' },
    'tee-socket': { type: 'string' },
  },
})
const role = oneOf('role', values.role, ['contracts', 'gatekeeper'])
const chainClass = oneOf('chain-class', values['chain-class'], ['development', 'production'])
const teePath = values['tee-socket'] ?? fail('--tee-socket names the unix socket that gives quotes')

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

const enclaveParts = {
  role,
  chainClass,
  crypto: native,
  random: (length: number) => new Uint8Array(randomBytes(length)),
  evidence: teeSocket(teePath, QUOTE_TIMEOUT_MS),
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
