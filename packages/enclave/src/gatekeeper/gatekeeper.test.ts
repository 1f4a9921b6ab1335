import { err, ok, unwrap, type AccountId, type Hash } from '@tacit/base'
import { hpkeGenerateKeypair } from '@tacit/crypto'
import { portable } from '@tacit/crypto/portable'
import {
  attestationStorage,
  contractsStorage,
  grantMessage,
  keyGroupMessage,
  keysStorage,
  MAX_RECENT_AGE,
  releaseReportData,
  timestampStorage,
  workersStorage,
  type CpuEvidence,
  type ReleaseBinding,
} from '@tacit/runtime'
import { beforeEach, describe, expect, test } from 'vitest'
import { createInstanceKeys } from '../keys.ts'
import { createReleaseClient } from '../release/release-client.ts'
import { filled, seededRandom } from '../testing/test-bytes.ts'
import {
  CONTRACT,
  contractInfo,
  createTestChain,
  GENESIS,
  NOW_S,
  publish,
  register,
  SLOT,
  type TestChain,
} from '../testing/test-chain.ts'
import { createGatekeeper, MAX_OPEN_RELEASES, type Gatekeeper } from './gatekeeper.ts'

const { hashes } = portable
const keeperKeys = createInstanceKeys(seededRandom('gatekeeper'))
const ephemeral = hpkeGenerateKeypair(filled(0x77))
let world: TestChain
let gatekeeper: Gatekeeper

beforeEach(() => {
  world = createTestChain()
  const random = seededRandom('master')
  gatekeeper = createGatekeeper({
    chain: world.chain,
    crypto: portable,
    instance: keeperKeys,
    random,
  })
})

function bind(changes: Partial<ReleaseBinding> = {}): ReleaseBinding {
  const head = world.chain.head()
  return {
    genesis: GENESIS,
    contract: CONTRACT,
    epoch: 0,
    instance: world.instance.signing.publicKey,
    ephemeralKey: ephemeral.publicKey,
    gatekeeperNonce: gatekeeper.nonce(),
    recentNumber: head.number,
    recentHash: head.hash,
    ...changes,
  }
}

function evidenceFor(binding: ReleaseBinding, td = world.td): CpuEvidence {
  return { type: 'Dcap', value: { quote: td.quote(releaseReportData(hashes, binding)) } }
}

const collector = {
  collect: (data: Uint8Array) =>
    Promise.resolve(ok({ type: 'Dcap', value: { quote: world.td.quote(data) } } as const)),
}

type TcbInfo = { tcbLevels: { tcbStatus: string }[] }

/** Judges every patch level so. */
function setStatus(status: string): (document: object) => void {
  return (document) => {
    for (const level of (document as TcbInfo).tcbLevels) level.tcbStatus = status
  }
}

async function refusal(binding: ReleaseBinding, evidence = evidenceFor(binding)): Promise<unknown> {
  const granted = await gatekeeper.grant(binding, evidence)
  return granted.ok ? 'granted' : granted.error
}

test('announces itself as a committee of one, under its signature', () => {
  const { group, signature } = gatekeeper.group()
  expect(group.members).toEqual([
    { instance: keeperKeys.signing.publicKey, verificationKey: group.groupKey },
  ])
  const publicKey = keeperKeys.signing.publicKey
  const check = {
    scheme: 'ed25519',
    publicKey,
    message: keyGroupMessage(group),
    signature,
  } as const
  expect(portable.verify(check)).toBe(true)
})

test('grants a request that holds in everything, signed', async () => {
  const binding = bind()
  const { grant, signature } = unwrap(await gatekeeper.grant(binding, evidenceFor(binding)))
  expect(grant).toEqual({
    genesis: GENESIS,
    contract: CONTRACT,
    epoch: 0,
    instance: world.instance.signing.publicKey,
    ephemeralKey: ephemeral.publicKey,
    gatekeeper: keeperKeys.signing.publicKey,
    recentNumber: binding.recentNumber,
  })
  const publicKey = keeperKeys.signing.publicKey
  const check = { scheme: 'ed25519', publicKey, message: grantMessage(grant), signature } as const
  expect(portable.verify(check)).toBe(true)
})

describe('refuses', () => {
  test('a nonce that it did not draw', async () => {
    expect(await refusal(bind({ gatekeeperNonce: filled(1) }))).toEqual({ code: 'nonce_unknown' })
  })

  test('a nonce for the second time, whatever became of the first', async () => {
    const binding = bind()
    expect(await refusal(binding)).toBe('granted')
    expect(await refusal(binding)).toEqual({ code: 'nonce_unknown' })
    const other = bind({ epoch: 3 })
    expect(await refusal(other)).toEqual({ code: 'epoch_wrong' })
    expect(await refusal({ ...other, epoch: 0 })).toEqual({ code: 'nonce_unknown' })
  })

  test('a nonce that too many others were drawn after', async () => {
    const binding = bind()
    for (let count = 0; count < MAX_OPEN_RELEASES; count++) gatekeeper.nonce()
    expect(await refusal(binding)).toEqual({ code: 'nonce_unknown' })
  })

  test('another chain', async () => {
    expect(await refusal(bind({ genesis: filled<Hash>(1) }))).toEqual({ code: 'genesis_wrong' })
  })

  test('a recent block that this chain does not have, or that is too old', async () => {
    expect(await refusal(bind({ recentHash: filled<Hash>(0xff) }))).toEqual({
      code: 'recent_unknown',
    })
    expect(await refusal(bind({ recentNumber: 11 }))).toEqual({ code: 'recent_unknown' })
    const old = bind()
    for (let count = 0; count <= MAX_RECENT_AGE; count++) world.nextBlock()
    expect(await refusal(old)).toEqual({ code: 'recent_too_old' })
  })

  test('accepts a recent block that is not the newest', async () => {
    const binding = bind()
    world.nextBlock()
    expect(await refusal(binding)).toBe('granted')
  })

  test('a contract that is unknown, failed, or in another epoch', async () => {
    expect(await refusal(bind({ contract: filled<AccountId>(1) }))).toEqual({
      code: 'contract_unknown',
    })
    expect(await refusal(bind({ epoch: 1 }))).toEqual({ code: 'epoch_wrong' })
    const failed = { ...contractInfo(), status: { type: 'Failed' } } as const
    contractsStorage.Contracts.set(world.state, CONTRACT, failed)
    expect(await refusal(bind())).toEqual({ code: 'contract_failed' })
  })

  test('an instance that is not registered', async () => {
    expect(await refusal(bind({ instance: filled(5) }))).toEqual({ code: 'instance_not_assigned' })
  })

  test('an instance that is not the newest of the slot', async () => {
    register(world.state, filled(5), SLOT, 'Contracts')
    expect(await refusal(bind())).toEqual({ code: 'instance_not_assigned' })
  })

  test('an instance of another role, or one that has expired', async () => {
    register(world.state, world.instance.signing.publicKey, SLOT, 'Gatekeeper')
    expect(await refusal(bind())).toEqual({ code: 'instance_not_serving' })
    const record = register(world.state, world.instance.signing.publicKey, SLOT, 'Contracts')
    const expired = { ...record, registeredMs: BigInt(NOW_S - 86_400) * 1_000n }
    workersStorage.Instances.set(world.state, world.instance.signing.publicKey, expired)
    expect(await refusal(bind())).toEqual({ code: 'instance_not_serving' })
  })

  test.each<[keyof ReleaseBinding, Partial<ReleaseBinding>]>([
    ['ephemeralKey', { ephemeralKey: filled(4) }],
    ['contract', { contract: filled<AccountId>(4) }],
    ['epoch', { epoch: 4 }],
    ['instance', { instance: filled(4) }],
    ['gatekeeperNonce', { gatekeeperNonce: filled(4) }],
    ['recentNumber', { recentNumber: 9, recentHash: filled<Hash>(9) }],
    ['genesis', { genesis: filled<Hash>(4) }],
  ])('a genuine quote over another %s', async (_, changes) => {
    const binding = bind()
    const foreign = evidenceFor({ ...binding, ...changes })
    expect(await refusal(binding, foreign)).toEqual({ code: 'report_data_foreign' })
  })

  test('a program that may not serve', async () => {
    const binding = bind()
    const other = world.platform.launchTd({ image: filled(0x66, 48), role: 'contracts' })
    expect(await refusal(binding, evidenceFor(binding, other))).toEqual({
      code: 'measurement_refused',
    })
  })

  test('a platform whose patch level is revoked', async () => {
    publish(world.state, world.platform.attack({ editTcbInfo: setStatus('Revoked') }))
    expect(await refusal(bind())).toEqual({ code: 'tcb_refused' })
  })

  test('a platform whose certificate was revoked, and a quote with a changed byte', async () => {
    publish(world.state, world.platform.attack({ revoked: ['pck'] }))
    expect(await refusal(bind())).toEqual({
      code: 'evidence_refused',
      reason: 'Attestation.PckRevoked',
    })
    publish(world.state, world.platform)
    const binding = bind()
    const evidence = evidenceFor(binding)
    const quote = evidence.type === 'Dcap' ? evidence.value.quote.slice() : new Uint8Array()
    quote[100] = (quote[100] ?? 0) ^ 1
    expect(await refusal(binding, { type: 'Dcap', value: { quote } })).toMatchObject({
      code: 'evidence_refused',
      reason: 'Attestation.QuoteSignatureInvalid',
    })
  })

  test('collateral that has expired by the clock of the chain', async () => {
    const binding = bind()
    const nowMs = BigInt(NOW_S + 40 * 86_400) * 1_000n
    timestampStorage.Now.set(world.state, nowMs)
    const { publicKey } = world.instance.signing
    const record = register(world.state, publicKey, SLOT, 'Contracts')
    workersStorage.Instances.set(world.state, publicKey, { ...record, registeredMs: nowMs })
    expect(await refusal(binding)).toEqual({
      code: 'evidence_refused',
      reason: 'Attestation.CollateralExpired',
    })
  })

  test('a root that the chain does not pin', async () => {
    const binding = bind()
    const { fingerprint } = world.platform.root
    world.state.delete(attestationStorage.Roots.key(hashes, fingerprint))
    expect(await refusal(binding)).toEqual({
      code: 'evidence_refused',
      reason: 'Attestation.RootUntrusted',
    })
  })
})

describe('hands shares over', () => {
  async function granted(): Promise<ReleaseBinding> {
    const binding = bind()
    unwrap(await gatekeeper.grant(binding, evidenceFor(binding)))
    return binding
  }

  function note(binding: ReleaseBinding, ephemeralKey = binding.ephemeralKey): void {
    const { contract, epoch, instance } = binding
    const gatekeeper = keeperKeys.signing.publicKey
    const record = { gatekeeper, ephemeralKey, recentNumber: 10, grantedAt: 11 }
    keysStorage.Grants.set(world.state, contract, { epoch, instance }, record)
  }

  test('only for a grant that it made', async () => {
    expect(await gatekeeper.collect(filled(8))).toEqual(err({ code: 'grant_unknown' }))
  })

  test('only once the chain has noted that very grant', async () => {
    const binding = await granted()
    expect(await gatekeeper.collect(binding.ephemeralKey)).toEqual(
      err({ code: 'grant_not_on_chain' }),
    )
    note(binding, filled(3))
    expect(await gatekeeper.collect(binding.ephemeralKey)).toEqual(
      err({ code: 'grant_superseded' }),
    )
    note(binding)
    expect(await gatekeeper.collect(binding.ephemeralKey)).toMatchObject({ ok: true })
  })

  test('no more once the instance was replaced or the epoch is over', async () => {
    const binding = await granted()
    note(binding)
    keysStorage.Epochs.set(world.state, CONTRACT, 1)
    expect(await gatekeeper.collect(binding.ephemeralKey)).toEqual(err({ code: 'epoch_wrong' }))
    keysStorage.Epochs.set(world.state, CONTRACT, 0)
    register(world.state, filled(5), SLOT, 'Contracts')
    expect(await gatekeeper.collect(binding.ephemeralKey)).toEqual(
      err({ code: 'instance_not_assigned' }),
    )
  })

  test('that open for the requester alone and give keys that fit the group', async () => {
    keysStorage.Group.set(world.state, gatekeeper.group().group)
    const client = createReleaseClient({
      chain: world.chain,
      crypto: portable,
      instance: world.instance,
      random: seededRandom('client'),
      evidence: collector,
    })
    const ask = async (): Promise<{ key: Uint8Array; sealed: Uint8Array }> => {
      const request = unwrap(await client.request(CONTRACT, 0, gatekeeper.nonce()))
      unwrap(await gatekeeper.grant(request.binding, request.evidence))
      note(request.binding)
      const key = request.binding.ephemeralKey
      return { key, sealed: unwrap(await gatekeeper.collect(key)) }
    }
    const first = await ask()
    const second = await ask()
    expect(await client.finish(first.key, second.sealed)).toEqual(
      err({ code: 'release_open_failed' }),
    )
    expect(await client.finish(filled(1), first.sealed)).toEqual(err({ code: 'request_unknown' }))
    const keys = unwrap(await client.finish(first.key, first.sealed))
    const again = unwrap(await client.finish(second.key, second.sealed))
    expect(keys).toEqual(again)
    expect(keys).toMatchObject({ contract: CONTRACT, epoch: 0 })
    expect(await client.finish(first.key, first.sealed)).toEqual(err({ code: 'request_unknown' }))
  })

  test('that do not count under another group', async () => {
    const random = seededRandom('another master')
    const options = { chain: world.chain, crypto: portable, instance: keeperKeys, random }
    keysStorage.Group.set(world.state, createGatekeeper(options).group().group)
    const client = createReleaseClient({
      chain: world.chain,
      crypto: portable,
      instance: world.instance,
      random: seededRandom('client'),
      evidence: collector,
    })
    const request = unwrap(await client.request(CONTRACT, 0, gatekeeper.nonce()))
    unwrap(await gatekeeper.grant(request.binding, request.evidence))
    note(request.binding)
    const key = request.binding.ephemeralKey
    const sealed = unwrap(await gatekeeper.collect(key))
    expect(await client.finish(key, sealed)).toEqual(err({ code: 'share_invalid' }))
  })
})
