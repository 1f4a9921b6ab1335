import { unwrap, type Hash } from '@tacit/base'
import { keypairFromSeed } from '@tacit/crypto'
import { measurementId } from '@tacit/attestation'
import { createDevPlatform } from '@tacit/platform-dev'
import { expect, it } from 'vitest'
import { encodeBareExtrinsic, encodeCall } from '../../extrinsic.ts'
import { commitMessage, contractId, NO_STATE_ROOT } from '../../protocol/contracts.ts'
import { grantMessage, inboxKeyNoteMessage, keyGroupMessage } from '../../protocol/keys.ts'
import { registrationReportData } from '../../protocol/registration.ts'
import { countIssuance, createTestChain, PHA } from '../../testing/chain.ts'
import { hashes, testKey } from '../../testing/crypto.ts'
import { attestationCalls } from '../attestation/calls.ts'
import { attestationPallet } from '../attestation/index.ts'
import { ATTESTATION_INDEX } from '../attestation/types.ts'
import { keysCalls } from '../keys/calls.ts'
import { KEYS_INDEX } from '../keys/types.ts'
import { workersCalls } from '../workers/calls.ts'
import { WORKERS_INDEX } from '../workers/types.ts'
import { contractsCalls } from './calls.ts'
import { CODE, CODE_HASH, sealed } from '../testing/contract.ts'
import { CONTRACTS_INDEX, contractsStorage } from './types.ts'

const IMAGE = new Uint8Array(48).fill(1)
const ROLES = ['Contracts', 'Gatekeeper'] as const
type Role = (typeof ROLES)[number]

const operator = testKey('Sr25519', 1)
const client = testKey('Sr25519', 2)
const enclaves = {
  Contracts: keypairFromSeed('ed25519', new Uint8Array(32).fill(3)),
  Gatekeeper: keypairFromSeed('ed25519', new Uint8Array(32).fill(4)),
}
const platform = createDevPlatform({ seed: new Uint8Array(32).fill(7), now: 1_800_000_000 })

function launch(role: Role): ReturnType<typeof platform.launchTd> {
  return platform.launchTd({ image: IMAGE, role })
}

function createChain(): ReturnType<typeof createTestChain> {
  const chain = createTestChain([operator, client].map(({ who }) => ({ who, free: 100n * PHA })))
  const measurements = ROLES.map((type) => {
    const measurement = measurementId({ tee: 'tdx', ...launch(type) }, hashes) as Hash
    return { role: { type }, measurement }
  })
  const block = { number: 0, parentHash: chain.genesisHash, nowMs: 0n }
  const context = { state: chain.state, host: chain.host, block, deposit: () => {} }
  const attestation = { roots: [platform.root], measurements }
  const rest = { timeMs: 0n, authorities: [], balances: [] }
  attestationPallet.genesis?.(context, { chainClass: 'development', attestation, ...rest })
  return chain
}

it('walks from evidence to a paid command through real blocks', () => {
  const chain = createChain()
  const signed = (key: typeof client, call: Uint8Array): void => {
    const applied = unwrap(chain.run(chain.sign(key, call)), 'included')
    unwrap(applied.dispatch, 'dispatched')
  }
  const bare = (call: Uint8Array): void => {
    const bytes = encodeBareExtrinsic(call)
    unwrap(chain.runtime.validateTransaction(chain.host, chain.head(), 'External', bytes), 'pool')
    const applied = unwrap(chain.run(bytes), 'included')
    unwrap(applied.dispatch, 'dispatched')
    expect(applied.feePlanck).toBe(0n)
    const again = chain.runtime.validateTransaction(chain.host, chain.head(), 'External', bytes)
    expect(again).toEqual({ ok: false, error: { code: 'stale' } })
  }
  const genesis = chain.genesisHash
  const group = {
    genesis,
    threshold: 1,
    groupKey: new Uint8Array(96),
    members: [{ instance: enclaves.Gatekeeper.publicKey, verificationKey: new Uint8Array(96) }],
  }
  const announcement = { group, signature: enclaves.Gatekeeper.sign(keyGroupMessage(group)) }
  const announce = encodeCall(KEYS_INDEX, keysCalls.announce_group, announcement)

  // Before block 1 the pool knows the genesis hash already, and refuses instead of failing.
  const early = encodeBareExtrinsic(announce)
  expect(chain.runtime.validateTransaction(chain.host, chain.head(), 'External', early)).toEqual({
    ok: false,
    error: { code: 'custom', value: 5 },
  })

  const collateral = platform.collateral()
  signed(client, encodeCall(ATTESTATION_INDEX, attestationCalls.submit_collateral, { collateral }))
  for (const [slot, type] of ROLES.entries()) {
    const { number: recentNumber, hash: recentHash } = chain.head()
    const keys = { signingKey: enclaves[type].publicKey, encryptionKey: new Uint8Array(32) }
    const common = { role: { type }, ...keys, recentNumber, recentHash }
    const place = { operator: operator.who, index: slot }
    const binding = { genesis, slot: place, gpuEvidence: undefined, ...common }
    const quote = launch(type).quote(registrationReportData(hashes, binding))
    const evidence = { cpu: { type: 'Dcap', value: { quote } }, gpu: undefined } as const
    const args = { slot, endpoint: '', evidence, ...common }
    signed(operator, encodeCall(WORKERS_INDEX, workersCalls.register, args))
  }
  bare(announce)

  signed(client, encodeCall(CONTRACTS_INDEX, contractsCalls.upload_code, { code: CODE }))
  const salt = new Uint8Array(32)
  const contract = contractId(hashes, genesis, client.who, CODE_HASH, salt)
  const deployment = {
    codeHash: CODE_HASH,
    salt,
    slot: { operator: operator.who, index: 0 },
    init: new Uint8Array(),
    gasLimit: 1_000_000n,
  }
  signed(client, encodeCall(CONTRACTS_INDEX, contractsCalls.deploy, deployment))

  const instance = enclaves.Contracts.publicKey
  const common = { genesis, contract, epoch: 0, instance }
  const gatekeeper = enclaves.Gatekeeper.publicKey
  const grant = { ...common, ephemeralKey: new Uint8Array(32), gatekeeper, recentNumber: 1 }
  const granted = { grant, signature: enclaves.Gatekeeper.sign(grantMessage(grant)) }
  bare(encodeCall(KEYS_INDEX, keysCalls.grant, granted))
  const note = { ...common, publicKey: new Uint8Array(32).fill(9) }
  const published = { note, signature: enclaves.Contracts.sign(inboxKeyNoteMessage(note)) }
  bare(encodeCall(KEYS_INDEX, keysCalls.publish_inbox_key, published))

  let previousRoot = NO_STATE_ROOT as Hash
  for (const sequence of [0n, 1n]) {
    const { head: inboxHead } = contractsStorage.Inbox.get(chain.state, contract)
    const newRoot = new Uint8Array(32).fill(Number(sequence) + 1) as Hash
    const inputHash = newRoot
    const outcome = { sequence, code: 'ok', gasUsed: 20_000n, inputHash, outputHash: newRoot }
    const payload = {
      genesis,
      contract,
      codeHash: CODE_HASH,
      instance,
      previousRoot,
      newRoot,
      inboxHead,
      firstSequence: sequence,
      nextSequence: sequence + 1n,
      outcomes: [outcome],
      outbox: [],
      stateBlob: newRoot,
    }
    const signature = enclaves.Contracts.sign(commitMessage(payload))
    bare(encodeCall(CONTRACTS_INDEX, contractsCalls.commit, { payload, signature }))
    previousRoot = newRoot
    const command = { contract, epoch: 0, payload: sealed(), gasLimit: 1_000_000n, value: 5n }
    if (sequence === 0n) {
      signed(client, encodeCall(CONTRACTS_INDEX, contractsCalls.send, command))
    }
  }
  expect(contractsStorage.Contracts.get(chain.state, contract)).toMatchObject({
    root: previousRoot,
    processed: 2n,
    status: { type: 'Live' },
  })
  const { onAccounts, byTotals, issued } = countIssuance(chain.state)
  expect([onAccounts, byTotals]).toEqual([issued, issued])
})
