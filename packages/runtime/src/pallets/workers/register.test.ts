import { measurementId } from '@tacit/attestation'
import { unwrap, type Hash } from '@tacit/base'
import { describe, expect, it } from 'vitest'
import { evidenceHash, type CpuEvidence, type Evidence } from '../../protocol/evidence.ts'
import { held } from '../balances/ops.ts'
import {
  ALICE,
  codeOf,
  createAttestedWorld,
  createEnclave,
  createWorld,
  dcapEvidence,
  devPlatform,
  filled,
  OPERATOR,
  register,
  START,
  submit,
  type Enclave,
  type RegistrationChanges,
  type World,
} from '../testing/world.ts'
import { servingInstance } from './serving.ts'
import { MAX_EVIDENCE_AGE_MS, workersStorage } from './types.ts'

const enclave = createEnclave('Contracts', 3)
const slot = { operator: OPERATOR, index: 0 }
const REASON = { type: 'Workers', value: { type: 'Registration' } } as const

function attempt(world: World, changes: RegistrationChanges = {}, by: Enclave = enclave): string {
  const args = by.registration(world, changes)
  return codeOf(world.signed(changes.operator ?? OPERATOR, 'Workers', 'register', args))
}

function quoteOf({ cpu }: Evidence): Uint8Array {
  return cpu.type === 'Dcap' ? cpu.value.quote : new Uint8Array()
}

/** A registration with one byte of its quote changed. */
function withChangedByte(world: World, at: number): string {
  const args = enclave.registration(world)
  const quote = quoteOf(args.evidence).slice()
  quote[at] = (quote[at] ?? 0) ^ 1
  const evidence = dcapEvidence(quote)
  return codeOf(world.signed(OPERATOR, 'Workers', 'register', { ...args, evidence }))
}

describe('register', () => {
  it('keeps the verdict with the root that vouched', () => {
    const world = createAttestedWorld()
    const args = enclave.registration(world)
    unwrap(world.signed(OPERATOR, 'Workers', 'register', args))
    const record = workersStorage.Instances.get(world.state, enclave.publicKey)
    expect(record).toMatchObject({
      slot,
      role: { type: 'Contracts' },
      endpoint: args.endpoint,
      registeredAt: 1,
      registeredMs: BigInt(START) * 1_000n,
      expiresMs: BigInt(START) * 1_000n + MAX_EVIDENCE_AGE_MS,
      verdict: {
        tee: { type: 'Tdx' },
        status: { type: 'UpToDate' },
        advisories: [],
        rootName: world.platform.root.name,
        rootFingerprint: world.platform.root.fingerprint,
        debug: false,
        signatureChecks: 9,
        tcbEvaluationDataNumber: 1,
      },
    })
    expect(record?.evidenceHash).toEqual(evidenceHash(world.state.hashes, args.evidence))
    expect(held(world.state, REASON, OPERATOR)).toBe(record?.deposit)
    const { code, value } = world.events.at(-1) ?? {}
    expect(code).toBe('Workers.Registered')
    expect(value).toMatchObject({ verdict: { rootName: world.platform.root.name } })
  })

  it('accepts a quote of version 5', () => {
    const world = createAttestedWorld()
    const td = world.platform.launchTd({
      image: filled(0x11, 48),
      role: 'Contracts',
      quoteVersion: 5,
    })
    expect(attempt(world, { td })).toBe('ok')
  })

  it('accepts SGX with the collateral for SGX', () => {
    const world = createAttestedWorld()
    const mrEnclave = filled(0x5e)
    const measured = { mrEnclave, mrSigner: filled(0x51), isvProdId: 1, isvSvn: 2 }
    const sgx = world.platform.launchEnclave(measured)
    const cpu = (reportData: Uint8Array): CpuEvidence => ({
      type: 'Dcap',
      value: { quote: sgx.quote(reportData) },
    })
    expect(attempt(world, { cpu })).toBe('Attestation.CollateralMissing')
    submit(world, world.platform.collateral({ tee: 'sgx' }))
    expect(attempt(world, { cpu })).toBe('Attestation.MeasurementRefused')
    const measurement = measurementId({ tee: 'sgx', ...measured }, world.state.hashes) as Hash
    const allowed = { role: { type: 'Contracts' }, measurement } as const
    const root = { type: 'Root' } as const
    unwrap(world.dispatch(root, 'Attestation', 'allow_measurement', { allowed }))
    expect(attempt(world, { cpu })).toBe('ok')
    const record = workersStorage.Instances.get(world.state, enclave.publicKey)
    expect(record?.verdict).toMatchObject({ tee: { type: 'Sgx' }, signatureChecks: 9 })
    expect(record?.verdict.facts).toMatchObject({ value: { facts: { tdx: undefined } } })
  })

  it('needs a signature', () => {
    const world = createAttestedWorld()
    const args = enclave.registration(world)
    expect(codeOf(world.unsigned('Workers', 'register', args))).toBe('bad_origin')
    expect(codeOf(world.unsigned('Workers', 'deregister', { slot: 0 }))).toBe('bad_origin')
  })

  it.each([
    ['the body', 200, 'Attestation.QuoteSignatureInvalid'],
    ['the report data', 48 + 520, 'Attestation.QuoteSignatureInvalid'],
    ['the signature', 48 + 584 + 4, 'Attestation.QuoteSignatureInvalid'],
    ['the attestation key', 48 + 584 + 4 + 64, 'Attestation.QeReportDataMismatch'],
    [
      "the quoting enclave's report",
      48 + 584 + 4 + 128 + 6,
      'Attestation.QeReportSignatureInvalid',
    ],
    ['its signature', 48 + 584 + 4 + 128 + 6 + 384, 'Attestation.QeReportSignatureInvalid'],
    ['the version', 0, 'Attestation.QuoteBodyMismatch'],
    ['the vendor', 12, 'Attestation.QuoteVendorUnknown'],
    ['the length of the signature data', 48 + 584, 'Attestation.QuoteTruncated'],
  ])('refuses a quote with a changed byte in %s', (_, at, code) => {
    expect(withChangedByte(createAttestedWorld(), at)).toBe(code)
  })

  it('refuses what is no quote', () => {
    const world = createAttestedWorld()
    const evidence = dcapEvidence(new Uint8Array())
    const args = { ...enclave.registration(world), evidence }
    expect(codeOf(world.signed(OPERATOR, 'Workers', 'register', args))).toBe(
      'Attestation.QuoteTruncated',
    )
  })

  it('refuses a platform without collateral', () => {
    expect(attempt(createWorld())).toBe('Attestation.CollateralMissing')
  })

  it('refuses expired collateral, to the second', () => {
    const lastDay = 30 * 86_400
    const world = createAttestedWorld()
    world.pass(lastDay)
    expect(attempt(world)).toBe('ok')
    world.pass(1)
    world.nextBlock()
    expect(attempt(world)).toBe('Attestation.CollateralExpired')
  })

  it('refuses a quote under another root', () => {
    const world = createAttestedWorld()
    const other = devPlatform({ seed: 8 })
    const machine = { fmspc: fmspcOf(world) }
    expect(attempt(world, { platform: other.attack({ machine }) })).toBe(
      'Attestation.RootUntrusted',
    )
  })

  it('refuses replayed evidence, also behind other trailing bytes', () => {
    const world = createAttestedWorld()
    const args = enclave.registration(world)
    unwrap(world.signed(OPERATOR, 'Workers', 'register', args))
    expect(codeOf(world.signed(OPERATOR, 'Workers', 'register', args))).toBe(
      'Workers.EvidenceReplayed',
    )
    const quote = Uint8Array.of(...quoteOf(args.evidence), 0, 0, 0)
    const evidence = dcapEvidence(quote)
    expect(codeOf(world.signed(OPERATOR, 'Workers', 'register', { ...args, evidence }))).toBe(
      'Workers.EvidenceReplayed',
    )
  })

  it('refuses the replay of a superseded instance as long as its block counts', () => {
    const world = createAttestedWorld()
    const args = enclave.registration(world)
    unwrap(world.signed(OPERATOR, 'Workers', 'register', args))
    register(world, createEnclave('Contracts', 4))
    world.nextBlock(255)
    expect(codeOf(world.signed(OPERATOR, 'Workers', 'register', args))).toBe(
      'Workers.EvidenceReplayed',
    )
    world.nextBlock()
    expect(codeOf(world.signed(OPERATOR, 'Workers', 'register', args))).toBe(
      'Workers.RecentBlockTooOld',
    )
    expect(workersStorage.SeenEvidence.entries(world.state)).toHaveLength(0)
  })

  it('refuses report data for anything else than what the caller claims', () => {
    const world = createAttestedWorld()
    const mismatch = 'Attestation.ReportDataMismatch'
    expect(attempt(world, { genesis: filled(1) as never })).toBe(mismatch)
    expect(attempt(world, { boundRole: { type: 'Gatekeeper' } })).toBe(mismatch)
    expect(attempt(world, { reportData: filled(0, 64) })).toBe(mismatch)
    const args = enclave.registration(world)
    for (const foreign of [
      { slot: 1 },
      { encryptionKey: filled(9) },
      { signingKey: filled(9) },
      { role: { type: 'Gatekeeper' } },
    ]) {
      const outcome = world.signed(OPERATOR, 'Workers', 'register', { ...args, ...foreign })
      expect(codeOf(outcome)).toBe(mismatch)
    }
    expect(codeOf(world.signed(ALICE, 'Workers', 'register', args))).toBe(mismatch)
  })

  it('refuses blocks that are unknown, of another fork, to come, or too old', () => {
    const world = createAttestedWorld()
    expect(attempt(world, { recentNumber: 1 })).toBe('Workers.RecentBlockUnknown')
    expect(attempt(world, { recentNumber: 0xffff_ffff })).toBe('Workers.RecentBlockUnknown')
    expect(attempt(world, { recentHash: filled(1) as never })).toBe('Workers.RecentBlockUnknown')
    world.nextBlock(255)
    expect(attempt(world, { recentNumber: 0 })).toBe('ok')
    world.nextBlock()
    expect(attempt(world, { recentNumber: 0 })).toBe('Workers.RecentBlockTooOld')
  })

  it('refuses programs that were not allowed, also in another role', () => {
    const world = createAttestedWorld()
    const foreign = world.platform.launchTd({ image: filled(0x33, 48), role: 'Contracts' })
    expect(attempt(world, { td: foreign })).toBe('Attestation.MeasurementRefused')
    const gatekeeper = world.platform.launchTd({ image: filled(0x22, 48), role: 'Gatekeeper' })
    expect(attempt(world, { td: gatekeeper })).toBe('Attestation.MeasurementRefused')
  })

  it('refuses debug mode, although the chain is one of development', () => {
    const world = createAttestedWorld()
    const td = world.platform.launchTd({ image: filled(0x11, 48), role: 'Contracts', debug: true })
    expect(attempt(world, { td })).toBe('Attestation.DebugRefused')
  })

  it('refuses a platform that matches no patch level', () => {
    const world = createWorld()
    submit(world, world.platform.collateral())
    const sgxSvns = new Uint8Array(16)
    const outdated = world.platform.attack({ machine: { sgxSvns } })
    expect(attempt(world, { platform: outdated })).toBe('Attestation.TcbRefused')
  })
})

describe('slots', () => {
  it('honour their newest instance alone', () => {
    const world = createAttestedWorld()
    register(world, enclave)
    const second = createEnclave('Contracts', 4)
    register(world, second)
    expect(workersStorage.Instances.has(world.state, enclave.publicKey)).toBe(false)
    const { nowMs } = world.block
    expect(
      servingInstance(world.state, enclave.publicKey, 'Contracts', nowMs, 'keyRelease'),
    ).toBeUndefined()
    expect(
      servingInstance(world.state, second.publicKey, 'Contracts', nowMs, 'keyRelease'),
    ).toBeDefined()
    expect(world.events.map(({ code }) => code)).toContain('Workers.Superseded')
    const record = workersStorage.Instances.get(world.state, second.publicKey)
    expect(held(world.state, REASON, OPERATOR)).toBe(record?.deposit)
  })

  it('let an instance renew its evidence with a later block, as it was', () => {
    const world = createAttestedWorld()
    world.nextBlock(2)
    register(world, enclave, { recentNumber: 1 })
    expect(attempt(world, { recentNumber: 0 })).toBe('Workers.RenewalNotNewer')
    expect(attempt(world, { slot: 1 })).toBe('Workers.KeyInUse')
    expect(attempt(world, { encryptionKey: filled(1) })).toBe('Workers.KeyInUse')
    expect(attempt(world, { operator: ALICE })).toBe('Workers.KeyInUse')
    world.pass(3_600)
    expect(attempt(world)).toBe('ok')
    expect(world.events.map(({ code }) => code)).not.toContain('Workers.Superseded')
    const record = workersStorage.Instances.get(world.state, enclave.publicKey)
    expect(record?.registeredMs).toBe(BigInt(START + 3_600) * 1_000n)
    expect(held(world.state, REASON, OPERATOR)).toBe(record?.deposit)
  })

  it('serve in their role until the evidence expires', () => {
    const world = createAttestedWorld()
    register(world, enclave)
    const until = world.block.nowMs + MAX_EVIDENCE_AGE_MS
    const { publicKey } = enclave
    expect(
      servingInstance(world.state, publicKey, 'Contracts', until - 1n, 'keyRelease'),
    ).toBeDefined()
    expect(
      servingInstance(world.state, publicKey, 'Contracts', until, 'keyRelease'),
    ).toBeUndefined()
    expect(
      servingInstance(world.state, publicKey, 'Gatekeeper', until - 1n, 'keyRelease'),
    ).toBeUndefined()
  })

  it('expire with the collateral where that ends first', () => {
    const world = createAttestedWorld()
    world.pass(30 * 86_400 - 60)
    register(world, enclave)
    const record = workersStorage.Instances.get(world.state, enclave.publicKey)
    expect(record?.expiresMs).toBe(BigInt(START + 30 * 86_400) * 1_000n)
  })

  it('are emptied by their operator, who gets the deposit back', () => {
    const world = createAttestedWorld()
    register(world, enclave)
    expect(codeOf(world.signed(ALICE, 'Workers', 'deregister', { slot: 0 }))).toBe(
      'Workers.SlotEmpty',
    )
    unwrap(world.signed(OPERATOR, 'Workers', 'deregister', { slot: 0 }))
    expect(held(world.state, REASON, OPERATOR)).toBe(0n)
    expect(workersStorage.Instances.entries(world.state)).toHaveLength(0)
    expect(workersStorage.Slots.entries(world.state)).toHaveLength(0)
    expect(codeOf(world.signed(OPERATOR, 'Workers', 'deregister', { slot: 0 }))).toBe(
      'Workers.SlotEmpty',
    )
  })
})

function fmspcOf(world: World): Uint8Array {
  const text = new TextDecoder().decode(world.platform.collateral().tcbInfo)
  const { fmspc } = JSON.parse(text) as { fmspc: string }
  return Uint8Array.from(fmspc.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
}
