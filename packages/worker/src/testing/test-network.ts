import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toHex, utf8, type AccountId } from '@tacit/base'
import { devKeypair } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { developmentSpec, startNode, type RunningNode } from '@tacit/node'
import type { Role } from '@tacit/runtime'
import {
  connect,
  deployContract,
  followChain,
  submitSigned,
  untilContractLive,
  uploadCode,
  type Chain,
} from '@tacit/sdk'
import type { Observe } from '../observe.ts'
import { serveTee } from '../tee-server.ts'
import { startWorker, type RunningWorker } from '../worker.ts'
import { tdxMachine, type LaunchedProgram, type Machine } from './machines.ts'

const WORKER = 'Eve'
const ROLES = ['gatekeeper', 'contracts'] as const

/** A contract that keeps secret orders, tells each caller the own, and misbehaves on request. */
export const ORDER_BOOK: Uint8Array = utf8(`globalThis.tacitContract = { default: {
  init(ctx) { ctx.state.set('total', 0) },
  commands: {
    order(ctx, input) {
      ctx.state.set('order/' + ctx.caller, input.price)
      ctx.state.set('total', ctx.state.get('total') + 1)
      ctx.emit('ordered', { total: ctx.state.get('total') })
      return { took: input.price }
    },
    explode(ctx) { ctx.state.set('total', 99); throw new Error('no') },
    spin(ctx) { for (;;) {} },
    refuse(ctx) { ctx.fail('closed', 'come back later') },
  },
  queries: {
    mine(ctx) { return ctx.state.get('order/' + ctx.caller) ?? null },
    total(ctx) { return ctx.state.get('total') },
  },
} }`)

/** A node, a gatekeeper and a worker, with real enclave processes. */
export interface TestNetwork {
  readonly node: RunningNode
  readonly chain: Chain
  readonly gatekeeper: RunningWorker
  readonly worker: RunningWorker
  readonly dataDir: string
  deploy(): Promise<AccountId>
  /** Stops the worker, does something, and starts it again on the same disk. */
  restartWorker(whileDown: () => Promise<void>): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts all three; the gatekeeper runs on TDX.
 * @param machineAt makes the worker's machine at a time in Unix seconds; TDX as well unless given.
 */
export async function startTestNetwork(
  observe?: Observe,
  workerNow: () => number = Date.now,
  machineAt: (now: number) => Machine = tdxMachine,
): Promise<TestNetwork> {
  const now = Math.floor(Date.now() / 1_000)
  const machines = [tdxMachine(now), machineAt(now)] as const
  const [, { gpus }] = machines
  const programs = machines.map((machine, at) =>
    machine.launch(at === 0 ? 'Gatekeeper' : 'Contracts'),
  )
  const dataDir = await mkdtemp(join(tmpdir(), 'tacit-worker-'))
  const node = await startChain(join(dataDir, 'node'), now, machines, programs)
  const chain = await followChain(await connect(node.rpcUrl), { crypto: native })
  await publish(chain, machines)
  const tees = await Promise.all(
    programs.map(({ evidence }, at) =>
      serveTee(evidence, join(dataDir, `${ROLES[at]}.sock`), gpus?.collect),
    ),
  )
  const startRole = (role: (typeof ROLES)[number]): Promise<RunningWorker> =>
    startWorker({
      rpcUrl: node.rpcUrl,
      operator: devKeypair(role === 'contracts' ? WORKER : 'Dave'),
      role,
      slotIndex: 0,
      chainClass: 'development',
      teeSocket: join(dataDir, `${role}.sock`),
      listen: { port: 0 },
      dataDir: join(dataDir, role),
      log: () => {},
      now: workerNow,
      ...(observe ? { observe } : {}),
      ...(gpus && role === 'contracts'
        ? { gpus: 'tee-socket' as const, stapleOcsp: gpus.staple }
        : {}),
    })
  const started = await Promise.all([startRole('gatekeeper'), startRole('contracts')])
  const [gatekeeper] = started
  let [, worker] = started
  return {
    node,
    chain,
    gatekeeper,
    get worker() {
      return worker
    },
    dataDir,
    async restartWorker(whileDown) {
      await worker.stop()
      await whileDown()
      worker = await startRole('contracts')
    },
    deploy: () => deployOrderBook(chain),
    async stop() {
      await Promise.all([gatekeeper.stop(), worker.stop()])
      chain.close()
      await Promise.all([node.stop(), ...tees.map((tee) => tee.close())])
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

function startChain(
  basePath: string,
  now: number,
  machines: readonly Machine[],
  programs: readonly LaunchedProgram[],
): Promise<RunningNode> {
  const measurements = programs.map(({ measurement }, at) => ({
    role: { type: at === 0 ? 'Gatekeeper' : 'Contracts' } satisfies Role,
    measurement,
  }))
  const roots = machines.flatMap((machine) => machine.roots)
  const attestation = { roots, measurements }
  const chainSpec = developmentSpec({ timeMs: BigInt(now) * 1_000n, attestation })
  return startNode({ basePath, chainSpec, rpcPort: 0, heartbeatMs: 1_000 })
}

/** Gives the chain what the machines' vendors publish, each document once. */
async function publish(chain: Chain, machines: readonly Machine[]): Promise<void> {
  const calls = machines.flatMap(({ collateral }) => collateral)
  const different = new Map(calls.map((call) => [toHex(call), call]))
  for (const call of different.values()) await submitSigned(chain, call, devKeypair('Alice'))
}

async function deployOrderBook(chain: Chain): Promise<AccountId> {
  const owner = devKeypair('Alice')
  const codeHash = await uploadCode(chain, owner, ORDER_BOOK)
  const slot = { operator: devKeypair(WORKER).accountId, index: 0 }
  const contract = await deployContract(chain, owner, { codeHash, slot })
  await untilContractLive(chain, contract)
  return contract
}
