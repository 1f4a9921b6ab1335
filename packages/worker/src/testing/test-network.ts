import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { utf8, type AccountId, type Hash } from '@tacit/base'
import { measurementId } from '@tacit/attestation'
import { devKeypair } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { developmentSpec, startNode, type RunningNode } from '@tacit/node'
import { createDevPlatform } from '@tacit/platform-dev'
import { ATTESTATION_INDEX, attestationCalls, encodeCall } from '@tacit/runtime'
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

const IMAGE = new Uint8Array(48).fill(0x42)
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

export async function startTestNetwork(
  observe?: Observe,
  workerNow: () => number = Date.now,
): Promise<TestNetwork> {
  const now = Math.floor(Date.now() / 1_000)
  const platform = createDevPlatform({ seed: new Uint8Array(32).fill(7), now })
  const tds = ROLES.map((role) => platform.launchTd({ image: IMAGE, role }))
  const measurements = tds.map((td, at) => ({
    role: { type: at === 0 ? ('Gatekeeper' as const) : ('Contracts' as const) },
    measurement: measurementId({ tee: 'tdx', ...td }, native.hashes) as Hash,
  }))
  const dataDir = await mkdtemp(join(tmpdir(), 'tacit-worker-'))
  const node = await startNode({
    basePath: join(dataDir, 'node'),
    chainSpec: developmentSpec({
      timeMs: BigInt(now) * 1_000n,
      attestation: { roots: [platform.root], measurements },
    }),
    rpcPort: 0,
    heartbeatMs: 1_000,
  })
  const chain = await followChain(await connect(node.rpcUrl), { crypto: native })
  const submit = attestationCalls.submit_collateral
  const collateral = encodeCall(ATTESTATION_INDEX, submit, { collateral: platform.collateral() })
  await submitSigned(chain, collateral, devKeypair('Alice'))
  const tees = await Promise.all(
    tds.map((td, at) => serveTee((data) => td.quote(data), join(dataDir, `${ROLES[at]}.sock`))),
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

async function deployOrderBook(chain: Chain): Promise<AccountId> {
  const owner = devKeypair('Alice')
  const codeHash = await uploadCode(chain, owner, ORDER_BOOK)
  const slot = { operator: devKeypair(WORKER).accountId, index: 0 }
  const contract = await deployContract(chain, owner, { codeHash, slot })
  await untilContractLive(chain, contract)
  return contract
}
