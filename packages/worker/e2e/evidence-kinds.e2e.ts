import { unwrap } from '@tacit/base'
import { devKeypair } from '@tacit/crypto'
import { workersStorage, type Instance } from '@tacit/runtime'
import { join } from 'node:path'
import {
  collectReceipt,
  sendCommand,
  TacitError,
  untilCommitted,
  verifyReceipt,
  type ReceiptVerdict,
} from '@tacit/sdk'
import { afterEach, describe, expect, test } from 'vitest'
import {
  sgxMachine,
  snpMachine,
  tdxGpuMachine,
  tdxMachine,
  type Machine,
} from '../src/testing/machines.ts'
import { startTestNetwork, type TestNetwork } from '../src/testing/test-network.ts'
import { serveTee } from '../src/tee-server.ts'
import { codeOf } from '../src/worker-error.ts'
import { startWorker } from '../src/worker.ts'

const now = (): number => Math.floor(Date.now() / 1_000)
let network: TestNetwork | undefined

afterEach(async () => {
  await network?.stop()
  network = undefined
})

async function recordOf({ chain, worker }: TestNetwork): Promise<Instance | undefined> {
  const { signingKey } = await worker.ready()
  return chain.read(workersStorage.Instances, [signingKey])
}

/** What the receipt of a command proves about the enclave that ran it. */
async function receiptOf(served: TestNetwork): Promise<ReceiptVerdict> {
  const { chain } = served
  const contract = await served.deploy()
  const input = { contract, method: 'order', input: { price: 7 }, gasLimit: 2_000_000n }
  const { sequence } = await sendCommand(chain, devKeypair('Bob'), input)
  const commit = await untilCommitted(chain, contract, sequence)
  const receipt = await collectReceipt(chain, commit, sequence)
  return unwrap(verifyReceipt(receipt, chain.genesisHash, chain.crypto))
}

/** The code with which the chain refuses another worker of the network, on another machine. */
async function refusal({ node, dataDir }: TestNetwork, machine: Machine): Promise<unknown> {
  const teeSocket = join(dataDir, 'refused.sock')
  const { evidence } = machine.launch('Contracts')
  const tee = await serveTee(evidence, teeSocket, machine.gpus?.collect)
  const { gpus } = machine
  try {
    const worker = await startWorker({
      rpcUrl: node.rpcUrl,
      operator: devKeypair('Ferdie'),
      role: 'contracts',
      slotIndex: 0,
      chainClass: 'development',
      teeSocket,
      listen: { port: 0 },
      dataDir: join(dataDir, 'refused'),
      log: () => {},
      ...(gpus ? { gpus: 'tee-socket' as const, stapleOcsp: gpus.staple } : {}),
    })
    await worker.stop()
    return 'ok'
  } catch (error) {
    return error instanceof TacitError ? String(error.details['error']) : codeOf(error)
  } finally {
    await tee.close()
  }
}

describe('a worker on', { timeout: 120_000 }, () => {
  test('TDX with eight GPUs and four switches registers and serves', async () => {
    network = await startTestNetwork(undefined, undefined, tdxGpuMachine)
    const { verdict } = (await recordOf(network)) ?? {}
    expect(verdict).toMatchObject({ tee: { type: 'Tdx' }, status: { type: 'UpToDate' } })
    expect(verdict?.gpus.map(({ kind }) => kind.type)).toHaveLength(12)
    expect(verdict?.gpus.every((gpu) => gpu.vbiosRim && gpu.isRevocationKnown)).toBe(true)
    const { attestation, instance } = await receiptOf(network)
    expect(attestation.tee).toBe('tdx')
    expect(instance.verdict.gpus).toHaveLength(12)
    // The same devices in another worker, or devices that do not belong together.
    expect(await refusal(network, tdxGpuMachine(now()))).toBe('Workers.DeviceInUse')
    const others = tdxGpuMachine(
      now(),
      (gpus) => [gpus.launch({ slot: 20 })],
      (device) => [device.ocsp('device', { status: 'revoked' })],
    )
    expect(await refusal(network, others)).toBe('Attestation.CertificateRevoked')
    const broken = tdxGpuMachine(now(), (gpus) => gpus.launchSet().slice(1))
    expect(await refusal(network, broken)).toBe('Attestation.TopologyIncomplete')
  })

  test('SEV-SNP registers, is given keys and serves', async () => {
    network = await startTestNetwork(undefined, undefined, snpMachine)
    expect((await recordOf(network))?.verdict).toMatchObject({
      tee: { type: 'SevSnp' },
      status: { type: 'ByPolicy' },
      signatureChecks: 4,
      gpus: [],
    })
    expect((await receiptOf(network)).attestation).toMatchObject({ tee: 'sev-snp', vmpl: 0 })
    expect(await refusal(network, snpMachine(now(), { debug: true }))).toBe(
      'Attestation.DebugRefused',
    )
    expect(await refusal(network, snpMachine(now(), { chipIdMasked: true }))).toBe(
      'Attestation.ChipIdMismatch',
    )
  })

  test('SGX registers, is given keys and serves', async () => {
    network = await startTestNetwork(undefined, undefined, sgxMachine)
    expect((await recordOf(network))?.verdict).toMatchObject({
      tee: { type: 'Sgx' },
      status: { type: 'UpToDate' },
      signatureChecks: 9,
    })
    expect((await receiptOf(network)).attestation).toMatchObject({ tee: 'sgx', isvSvn: 1 })
    expect(await refusal(network, sgxMachine(now(), { debug: true }))).toBe(
      'Attestation.DebugRefused',
    )
    // TDX is known through the gatekeeper, but not in debug mode, and SEV-SNP has no collateral.
    expect(await refusal(network, tdxMachine(now(), { debug: true }))).toBe(
      'Attestation.DebugRefused',
    )
    expect(await refusal(network, snpMachine(now()))).toBe('Attestation.CollateralMissing')
  })
})
