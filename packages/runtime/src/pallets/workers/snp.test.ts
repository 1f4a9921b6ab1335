import { developmentPolicy } from '@tacit/attestation'
import { unwrap, utf8 } from '@tacit/base'
import type { DevAmdTcb } from '@tacit/platform-dev'
import { describe, expect, it } from 'vitest'
import { platformId } from '../../protocol/platform.ts'
import { AMD, createAmdWorld, createAttestedAmdWorld, snpReporter } from '../testing/amd.ts'
import {
  CAROL,
  codeOf,
  createEnclave,
  filled,
  OPERATOR,
  register,
  START,
  type RegistrationChanges,
  type World,
} from '../testing/world.ts'
import { standingOf } from './standing.ts'
import { workersStorage } from './types.ts'

const enclave = createEnclave('Contracts', 3)
const DAY = 86_400

/** All four patch levels with an older SNP firmware. */
function oldTcbs(snp: number): Record<'reported' | 'committed' | 'current' | 'launch', DevAmdTcb> {
  const tcb = { fmc: 1, bootloader: 10, tee: 1, snp, microcode: 0xe0 }
  return { reported: tcb, committed: tcb, current: tcb, launch: tcb }
}

type Reporter = NonNullable<RegistrationChanges['cpu']>

function attempt(world: World, cpu: Reporter = snpReporter()): string {
  const args = enclave.registration(world, { cpu })
  return codeOf(world.signed(OPERATOR, 'Workers', 'register', args))
}

describe('registering with SEV-SNP', () => {
  it('keeps the verdict with the root that vouched', () => {
    const world = createAttestedAmdWorld()
    expect(attempt(world)).toBe('ok')
    const record = workersStorage.Instances.get(world.state, enclave.publicKey)
    const chipId = new Uint8Array(64)
    chipId.set(AMD.chip.hwid)
    expect(record?.verdict).toMatchObject({
      tee: { type: 'SevSnp' },
      status: { type: 'ByPolicy' },
      rootName: AMD.root.name,
      rootFingerprint: AMD.root.fingerprint,
      debug: false,
      signatureChecks: 4,
      earliestExpiry: BigInt(START + 30 * DAY),
      platform: platformId(world.state.hashes, { type: 'Amd', value: chipId }),
      facts: { type: 'SevSnp', value: { reportedTcb: { snp: 0x1b, microcode: 0xe0 } } },
    })
  })

  it('goes with the collateral of the key that signed', () => {
    const world = createAttestedAmdWorld()
    expect(attempt(createAmdWorld())).toBe('Attestation.CollateralMissing')
    const vlek = snpReporter(AMD, { signingKey: 'vlek' })
    expect(attempt(world, vlek)).toBe('Attestation.CollateralMissing')
    const args = { collateral: AMD.collateral({ signingKey: 'vlek' }) }
    unwrap(world.signed(CAROL, 'Attestation', 'submit_amd_collateral', args))
    // Verified, but its host hides the chip.
    expect(attempt(world, vlek)).toBe('Attestation.PlatformUnidentified')
  })

  it.each([
    ['the report', 0x90, 'ReportSignatureInvalid'],
    ['the report data', 0x50, 'ReportSignatureInvalid'],
    ['the chip', 0x1a0, 'ReportSignatureInvalid'],
    ['the signature', 0x2a0, 'ReportSignatureInvalid'],
    ['the padding of the signature', 0x2a0 + 60, 'ReportSignatureMalformed'],
    ['the version', 1, 'ReportVersionUnsupported'],
    ['what is reserved', 0x24c, 'ReportReservedNonzero'],
  ])('refuses a changed byte in %s', (_, at, name) => {
    const honest = snpReporter()
    const changed: Reporter = (reportData) => {
      const evidence = honest(reportData)
      if (evidence.type !== 'SevSnp') return evidence
      const report = evidence.value.report.slice()
      report[at] = (report[at] ?? 0) ^ 1
      return { ...evidence, value: { ...evidence.value, report } }
    }
    expect(attempt(createAttestedAmdWorld(), changed)).toBe(`Attestation.${name}`)
  })

  it.each([
    ['of another length', (report: Uint8Array) => report.subarray(1), 'ReportLengthWrong'],
    ['and nothing', () => new Uint8Array(), 'ReportLengthWrong'],
  ] as const)('refuses a report %s', (_, change, name) => {
    const honest = snpReporter()
    const changed: Reporter = (reportData) => {
      const evidence = honest(reportData)
      if (evidence.type !== 'SevSnp') return evidence
      return { ...evidence, value: { ...evidence.value, report: change(evidence.value.report) } }
    }
    expect(attempt(createAttestedAmdWorld(), changed)).toBe(`Attestation.${name}`)
  })

  it.each([
    ['debug mode', {}, { debug: true }, 'DebugRefused'],
    ['another program', {}, { measurement: filled(9, 48) }, 'MeasurementRefused'],
    ['another configuration by the host', {}, { hostData: filled(9) }, 'MeasurementRefused'],
    ['another privilege level', {}, { vmpl: 2 }, 'MeasurementRefused'],
    [
      'a chip that its host masks',
      {},
      { chipIdMasked: true, chipKeyMasked: true },
      'PlatformUnidentified',
    ],
    ['a certificate by another key', { signers: { vcek: 'asvk' } }, {}, 'VcekSignatureInvalid'],
    ['a certificate without a chip', { endorsement: { hwid: undefined } }, {}, 'HwidMissing'],
    ['another chip', { endorsement: { hwid: filled(9, 64) } }, {}, 'ChipIdMismatch'],
    ['another patch level', { endorsement: { snp: 1 } }, {}, 'TcbMismatch'],
    [
      'an unknown product',
      { endorsement: { productName: 'Venice-A0' } },
      {},
      'EndorsementProductUnsupported',
    ],
  ] as const)('refuses %s', (_, attack, options, name) => {
    const cpu = snpReporter(AMD.attack(attack), options)
    expect(attempt(createAttestedAmdWorld(), cpu)).toBe(`Attestation.${name}`)
  })

  it('refuses a certificate that is none', () => {
    const honest = snpReporter()
    const changed: Reporter = (reportData) => {
      const evidence = honest(reportData)
      if (evidence.type !== 'SevSnp') return evidence
      return { ...evidence, value: { ...evidence.value, certificate: filled(1) } }
    }
    expect(attempt(createAttestedAmdWorld(), changed)).toBe('Attestation.CertificateMalformed')
  })

  it('refuses report data for anything else than what the caller claims', () => {
    const world = createAttestedAmdWorld()
    const args = enclave.registration(world, { cpu: snpReporter() })
    const foreign = { ...args, slot: 1 }
    expect(codeOf(world.signed(OPERATOR, 'Workers', 'register', foreign))).toBe(
      'Attestation.ReportDataMismatch',
    )
  })

  it('keeps which advisories are open, and refuses those that the policy denies', () => {
    const world = createAttestedAmdWorld()
    const old = snpReporter(AMD.attack({ tcbs: oldTcbs(0x16) }))
    expect(attempt(world, old)).toBe('ok')
    const record = workersStorage.Instances.get(world.state, enclave.publicKey)
    expect(record?.verdict.advisories).toEqual(['AMD-SB-3019', 'AMD-SB-3020'])
    const policy = {
      ...developmentPolicy([AMD.root]),
      debug: false,
      sevSnp: { families: ['Genoa'], deniedAdvisories: ['AMD-SB-3019'] },
    }
    const document = utf8(JSON.stringify(policy))
    unwrap(world.dispatch({ type: 'Root' }, 'Attestation', 'set_policy', { document }))
    world.nextBlock()
    expect(attempt(world, old)).toBe('Attestation.TcbRefused')
    expect(attempt(world, snpReporter(AMD.attack({ tcbs: oldTcbs(0x17) })))).toBe('ok')
  })

  it('refuses a chip that governance revoked', () => {
    const world = createAttestedAmdWorld()
    const chipId = new Uint8Array(64)
    chipId.set(AMD.chip.hwid)
    const platform = platformId(world.state.hashes, { type: 'Amd', value: chipId })
    const args = { platform, reason: 'battering ram' }
    unwrap(world.dispatch({ type: 'Root' }, 'Attestation', 'revoke_platform', args))
    expect(attempt(world)).toBe('Attestation.PlatformRevoked')
  })
})

describe('the standing of an instance with SEV-SNP', () => {
  function standing(world: World): string {
    const instance = workersStorage.Instances.get(world.state, enclave.publicKey)
    if (instance === undefined) return 'gone'
    const found = standingOf(world.state, instance, world.block.nowMs)
    if (found.type === 'Good') return 'Good'
    return found.type === 'Out' ? `Out ${found.reason.type}` : found.grace.reason.type
  }

  it('stays good under a newer list, which a round takes note of', () => {
    const world = createAttestedAmdWorld()
    register(world, enclave, { cpu: snpReporter() })
    const before = workersStorage.Instances.get(world.state, enclave.publicKey)?.judgedBy
    world.pass(60)
    const args = { collateral: AMD.collateral({ now: START + 60 }) }
    unwrap(world.signed(CAROL, 'Attestation', 'submit_amd_collateral', args))
    expect(standing(world)).toBe('Good')
    world.nextBlock()
    const after = workersStorage.Instances.get(world.state, enclave.publicKey)?.judgedBy
    expect(after).not.toEqual(before)
  })

  it('ends once the intermediate is revoked', () => {
    const world = createAttestedAmdWorld()
    register(world, enclave, { cpu: snpReporter() })
    world.pass(60)
    const collateral = AMD.attack({ revoked: ['ask'] }).collateral({ now: START + 60 })
    unwrap(world.signed(CAROL, 'Attestation', 'submit_amd_collateral', { collateral }))
    expect(standing(world)).toBe('Out CollateralWithdrawn')
  })

  it('is nothing to what Intel’s collateral must have', () => {
    const world = createAttestedAmdWorld()
    register(world, enclave, { cpu: snpReporter() })
    const number = { number: 99 }
    unwrap(world.dispatch({ type: 'Root' }, 'Attestation', 'set_minimum_evaluation', number))
    expect(standing(world)).toBe('Good')
  })
})
