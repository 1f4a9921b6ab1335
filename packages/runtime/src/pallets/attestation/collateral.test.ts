import { INTEL_SGX_ROOT_CA, type DcapCollateral } from '@tacit/attestation'
import { describe, expect, it } from 'vitest'
import { held } from '../balances/ops.ts'
import {
  ALICE,
  CAROL,
  codeOf,
  createWorld,
  devPlatform,
  filled,
  START,
  submit,
  type World,
} from '../testing/world.ts'
import { attestationStorage, MAX_COLLATERAL_BYTES } from './types.ts'

const REASON = { type: 'Attestation', value: { type: 'Collateral' } } as const
const DAY = 86_400

function attempt(world: World, collateral: DcapCollateral): string {
  return codeOf(world.signed(ALICE, 'Attestation', 'submit_collateral', { collateral }))
}

function infos(world: World): ReturnType<typeof attestationStorage.CollateralInfos.entries> {
  return attestationStorage.CollateralInfos.entries(world.state)
}

describe('submit_collateral', () => {
  it('stores what verifies, by anyone, for a deposit', () => {
    const world = createWorld()
    const collateral = world.platform.collateral()
    expect(attempt(world, collateral)).toBe('ok')
    const [stored, ...others] = infos(world)
    expect(others).toEqual([])
    expect(stored?.keys[0]).toMatchObject({ tee: { type: 'Tdx' }, ca: { type: 'Platform' } })
    expect(stored?.value).toMatchObject({
      tcbEvaluationDataNumber: 1,
      earliestExpiry: BigInt(START + 30 * DAY),
      submitter: ALICE,
      root: world.platform.root.fingerprint,
    })
    expect(held(world.state, REASON, ALICE)).toBe(stored?.value.deposit)
    expect(world.events.at(-1)?.code).toBe('Attestation.CollateralAccepted')
  })

  it('keeps collateral of SGX and of TDX apart', () => {
    const world = createWorld()
    expect(attempt(world, world.platform.collateral())).toBe('ok')
    expect(attempt(world, world.platform.collateral({ tee: 'sgx' }))).toBe('ok')
    expect(
      infos(world)
        .map(({ keys }) => keys[0].tee.type)
        .toSorted(),
    ).toEqual(['Sgx', 'Tdx'])
  })

  it('needs a signature and the deposit', () => {
    const world = createWorld()
    const args = { collateral: world.platform.collateral() }
    expect(codeOf(world.unsigned('Attestation', 'submit_collateral', args))).toBe('bad_origin')
    const poor = world.signed(filled(0x77) as never, 'Attestation', 'submit_collateral', args)
    expect(poor).toEqual({ ok: false, error: { code: 'token', reason: 'FundsUnavailable' } })
  })

  it('lets newer collateral replace older, and gives the deposit back', () => {
    const world = createWorld()
    submit(world, world.platform.collateral(), CAROL)
    world.pass(DAY)
    expect(attempt(world, world.platform.collateral({ now: START + DAY }))).toBe('ok')
    expect(held(world.state, REASON, CAROL)).toBe(0n)
    expect(held(world.state, REASON, ALICE)).toBe(infos(world)[0]?.value.deposit)
    expect(infos(world)).toHaveLength(1)
  })

  it('refuses the same again', () => {
    const world = createWorld()
    submit(world, world.platform.collateral())
    expect(attempt(world, world.platform.collateral())).toBe('Attestation.CollateralKnown')
    expect(held(world.state, REASON, ALICE)).toBe(0n)
  })

  it.each(['root_crl', 'pck_crl', 'tcb_info', 'qe_identity'] as const)(
    'refuses an older %s beside newer parts',
    (part) => {
      const world = createWorld()
      submit(world, world.platform.collateral())
      const window = { from: START - 2 * DAY, until: START + 40 * DAY }
      const older = world.platform.attack({ windows: { [part]: window } })
      world.pass(60)
      expect(attempt(world, older.collateral({ now: START + 60 }))).toBe(
        'Attestation.CollateralOlder',
      )
    },
  )

  it.each(['editTcbInfo', 'editQeIdentity'] as const)(
    'refuses a lower evaluation number by %s',
    (edit) => {
      const world = createWorld()
      const raise = (document: Record<string, unknown>): void => {
        document['tcbEvaluationDataNumber'] = 5
      }
      submit(world, world.platform.attack({ [edit]: raise }).collateral())
      world.pass(60)
      expect(attempt(world, world.platform.collateral({ now: START + 60 }))).toBe(
        'Attestation.CollateralOlder',
      )
    },
  )

  it('refuses what is expired or not yet valid', () => {
    const world = createWorld()
    const collateral = world.platform.collateral()
    world.pass(30 * DAY + 1)
    expect(attempt(world, collateral)).toBe('Attestation.CollateralExpired')
    const later = world.platform.collateral({ now: START + 40 * DAY })
    expect(attempt(world, later)).toBe('Attestation.CollateralNotYetValid')
  })

  it('refuses roots that are not pinned', () => {
    const world = createWorld()
    expect(attempt(world, devPlatform({ seed: 8 }).collateral())).toBe('Attestation.RootUntrusted')
  })

  it.each([
    ['tcb_info', { signers: { tcb_info: 'pck' } }, 'TcbInfoSignatureInvalid'],
    ['qe_identity', { signers: { qe_identity: 'pck' } }, 'QeIdentitySignatureInvalid'],
    ['root_crl', { signers: { root_crl: 'pck' } }, 'RootCrlSignatureInvalid'],
    ['pck_crl', { signers: { pck_crl: 'pck' } }, 'PckCrlSignatureInvalid'],
    ['pck_ca', { signers: { pck_ca: 'pck' } }, 'PckCaSignatureInvalid'],
    ['tcb_signing', { signers: { tcb_signing: 'pck' } }, 'TcbSigningSignatureInvalid'],
    ['a revoked CA', { revoked: ['pck_ca'] }, 'PckCaRevoked'],
    ['a revoked signer', { revoked: ['tcb_signing'] }, 'TcbSigningRevoked'],
    ['a CRL by another issuer', { crlIssuers: { pck_crl: 'root' } }, 'CrlIssuerMismatch'],
    [
      'a leaf that claims to be a CA',
      { certificates: { tcb_signing: { isCa: true } } },
      'CertificateIsCa',
    ],
  ] as const)('refuses %s', (_, attack, name) => {
    const world = createWorld()
    const attacked = world.platform.attack(attack)
    expect(attempt(world, attacked.collateral())).toBe(`Attestation.${name}`)
  })

  it('refuses QE identity for the other TEE', () => {
    const world = createWorld()
    const sgx = world.platform.collateral({ tee: 'sgx' })
    const { qeIdentity, qeIdentitySignature } = sgx
    const mixed = { ...world.platform.collateral(), qeIdentity, qeIdentitySignature }
    expect(attempt(world, mixed)).toBe('Attestation.QeIdentityTeeMismatch')
  })

  it('refuses what is too large to store', () => {
    const world = createWorld()
    const rootCaCrl = filled(0, MAX_COLLATERAL_BYTES)
    expect(attempt(world, { ...world.platform.collateral(), rootCaCrl })).toBe(
      'Attestation.CollateralTooLarge',
    )
  })
})

describe('genesis', () => {
  const platform = devPlatform()

  it('refuses development roots on a production chain', () => {
    expect(() => createWorld({ chainClass: 'production' })).toThrow('refuses the development root')
  })

  it("pins vendors' roots on a production chain", () => {
    const world = createWorld({ chainClass: 'production', roots: [INTEL_SGX_ROOT_CA] })
    const { fingerprint, name } = INTEL_SGX_ROOT_CA
    expect(attestationStorage.Roots.get(world.state, fingerprint)?.name).toBe(name)
    expect(attempt(world, platform.collateral())).toBe('Attestation.RootUntrusted')
  })

  it('refuses a fingerprint that is not of the certificate', () => {
    const wrong = { ...platform.root, fingerprint: filled(1) }
    expect(() => createWorld({ roots: [wrong] })).toThrow('another fingerprint')
  })

  it('refuses more roots, or larger ones, than it may keep', () => {
    const roots = Array.from({ length: 9 }, (_, seed) => devPlatform({ seed }).root)
    expect(() => createWorld({ roots })).toThrow('too many roots')
    const long = { ...platform.root, name: 'x'.repeat(65) }
    expect(() => createWorld({ roots: [long] })).toThrow('too large')
    expect(() => createWorld({ roots: roots.slice(0, 8) })).not.toThrow()
  })
})
