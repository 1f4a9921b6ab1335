import { AMD_ARK_GENOA, type SnpIssuerCollateral } from '@tacit/attestation'
import { concatBytes, utf8 } from '@tacit/base'
import { describe, expect, it } from 'vitest'
import { held } from '../balances/ops.ts'
import { AMD, createAmdWorld, createAttestedAmdWorld } from '../testing/amd.ts'
import { ALICE, CAROL, codeOf, createWorld, filled, START, type World } from '../testing/world.ts'
import { attestationStorage, MAX_COLLATERAL_BYTES, MAX_ROOT_CRL_AGE_S } from './types.ts'

const REASON = { type: 'Attestation', value: { type: 'Collateral' } } as const
const DAY = 86_400

function attempt(world: World, collateral: SnpIssuerCollateral): string {
  return codeOf(world.signed(ALICE, 'Attestation', 'submit_amd_collateral', { collateral }))
}

function infos(world: World): ReturnType<typeof attestationStorage.AmdCollateralInfos.entries> {
  return attestationStorage.AmdCollateralInfos.entries(world.state)
}

describe('submit_amd_collateral', () => {
  it('stores what verifies, by anyone, for a deposit', () => {
    const world = createAmdWorld()
    expect(attempt(world, AMD.collateral())).toBe('ok')
    const [stored, ...others] = infos(world)
    expect(others).toEqual([])
    expect(stored?.keys[0]).toMatchObject({
      family: { type: 'Genoa' },
      signingKey: { type: 'Vcek' },
    })
    expect(stored?.value).toMatchObject({
      crlIssued: BigInt(START - DAY),
      earliestExpiry: BigInt(START + 30 * DAY),
      root: AMD.root.fingerprint,
      submitter: ALICE,
    })
    expect(held(world.state, REASON, ALICE)).toBe(stored?.value.deposit)
    expect(world.events.at(-1)?.code).toBe('Attestation.AmdCollateralAccepted')
  })

  it("keeps the chips' and the cloud's apart", () => {
    const world = createAttestedAmdWorld()
    expect(attempt(world, AMD.collateral({ signingKey: 'vlek' }))).toBe('ok')
    const kinds = infos(world).map(({ keys }) => keys[0].signingKey.type)
    expect(kinds.toSorted()).toEqual(['Vcek', 'Vlek'])
  })

  it('needs a signature and the deposit', () => {
    const world = createAmdWorld()
    const args = { collateral: AMD.collateral() }
    const call = ['Attestation', 'submit_amd_collateral', args] as const
    expect(codeOf(world.unsigned(...call))).toBe('bad_origin')
    expect(codeOf(world.dispatch({ type: 'Root' }, ...call))).toBe('bad_origin')
    expect(world.signed(filled(0x77) as never, ...call)).toEqual({
      ok: false,
      error: { code: 'token', reason: 'FundsUnavailable' },
    })
  })

  it('lets a newer list replace an older one, and gives the deposit back', () => {
    const world = createAttestedAmdWorld()
    expect(attempt(world, AMD.collateral())).toBe('Attestation.CollateralKnown')
    world.pass(DAY)
    expect(attempt(world, AMD.collateral({ now: START + DAY }))).toBe('ok')
    expect(held(world.state, REASON, CAROL)).toBe(0n)
    expect(held(world.state, REASON, ALICE)).toBe(infos(world)[0]?.value.deposit)
    expect(attempt(world, AMD.collateral())).toBe('Attestation.CollateralOlder')
  })

  it('lets a list count for a bounded age, and not before or behind its own window', () => {
    const world = createAmdWorld()
    const from = START - MAX_ROOT_CRL_AGE_S - 1
    const old = AMD.attack({ crlWindow: { from, until: START + DAY } })
    expect(attempt(world, old.collateral())).toBe('Attestation.CollateralExpired')
    const ended = AMD.attack({ crlWindow: { from: START - DAY, until: START - 1 } })
    expect(attempt(world, ended.collateral())).toBe('Attestation.CollateralExpired')
    const early = AMD.attack({ crlWindow: { from: START + 1, until: START + DAY } })
    expect(attempt(world, early.collateral())).toBe('Attestation.CollateralNotYetValid')
  })

  it.each([
    ['an intermediate by another key', { signers: { ask: 'asvk' } }, 'AskSignatureInvalid'],
    ['a list by another key', { signers: { crl: 'ask' } }, 'CrlSignatureInvalid'],
    ['a list by another issuer', { crlIssuer: 'ask' }, 'CrlIssuerMismatch'],
    ['a CA that is none', { certificates: { ask: { isCa: false } } }, 'CertificateNotCa'],
    [
      'a name that is not an intermediate’s',
      { certificates: { ask: { commonName: 'SEV-Venice' } } },
      'CertificateRoleWrong',
    ],
  ] as const)('refuses %s', (_, attack, name) => {
    const collateral = AMD.attack(attack).collateral()
    expect(attempt(createAmdWorld(), collateral)).toBe(`Attestation.${name}`)
  })

  it('refuses what is no chain and no list, and roots that are not pinned', () => {
    const world = createAmdWorld()
    const { chain, crl } = AMD.collateral()
    expect(attempt(world, { chain: filled(1), crl })).toBe('Attestation.ChainMalformed')
    expect(attempt(world, { chain, crl: filled(1) })).toBe('Attestation.CrlMalformed')
    expect(attempt(createWorld(), { chain, crl })).toBe('Attestation.RootUntrusted')
    const production = createWorld({ chainClass: 'production', roots: [AMD_ARK_GENOA] })
    expect(attempt(production, { chain, crl })).toBe('Attestation.RootUntrusted')
  })

  it('refuses what is too large to store', () => {
    const { chain } = AMD.collateral()
    const crl = filled(0, MAX_COLLATERAL_BYTES)
    expect(attempt(createAmdWorld(), { chain, crl })).toBe('Attestation.CollateralTooLarge')
  })

  it.each([
    ['vcek', 'ask', 'AskRevoked'],
    ['vlek', 'asvk', 'AsvkRevoked'],
  ] as const)('takes the set for %s away once its %s is revoked', (signingKey, role, reason) => {
    const world = createAttestedAmdWorld()
    attempt(world, AMD.collateral({ signingKey: 'vlek' }))
    world.pass(60)
    const revoking = AMD.attack({ revoked: [role] })
    const now = START + 60
    expect(attempt(world, revoking.collateral({ signingKey, now }))).toBe('ok')
    expect(world.events.at(-1)).toMatchObject({
      code: 'Attestation.AmdCollateralWithdrawn',
      value: { reason },
    })
    expect(infos(world)).toHaveLength(1)
    const deposits = [ALICE, CAROL].map((who) => held(world.state, REASON, who))
    expect(deposits.filter((amount) => amount > 0n)).toEqual([infos(world)[0]?.value.deposit])
    const again = attempt(world, revoking.collateral({ signingKey, now }))
    expect(again).toBe(`Attestation.${reason}`)
  })

  it('stays where only a predecessor of its intermediate was revoked', () => {
    const world = createAttestedAmdWorld()
    world.pass(60)
    const certificates = { ask: { serial: filled(0x55, 4) } }
    const predecessor = AMD.attack({ revoked: ['ask'], certificates })
    expect(attempt(world, predecessor.collateral({ now: START + 60 }))).toBe(
      'Attestation.AskRevoked',
    )
    expect(infos(world)).toHaveLength(1)
  })

  it('takes a renewed intermediate under the same list, but no other spelling of the same', () => {
    const world = createAttestedAmdWorld()
    const { chain, crl } = AMD.collateral()
    const spelled = concatBytes(chain, utf8('\n'))
    expect(attempt(world, { chain: spelled, crl })).toBe('Attestation.CollateralKnown')
    const renewed = AMD.attack({ certificates: { ask: { serial: filled(0x55, 4) } } }).collateral()
    expect(attempt(world, { ...renewed, crl })).toBe('ok')
  })
})
