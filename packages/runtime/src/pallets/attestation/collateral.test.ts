import { INTEL_SGX_ROOT_CA, type DcapCollateral } from '@tacit/attestation'
import { concatBytes, unwrap, utf8 } from '@tacit/base'
import { describe, expect, it } from 'vitest'
import { held } from '../balances/ops.ts'
import {
  ALICE,
  CAROL,
  codeOf,
  createEnclave,
  createWorld,
  devPlatform,
  filled,
  OPERATOR,
  START,
  submit,
  type Outcome,
  type World,
} from '../testing/world.ts'
import {
  attestationStorage,
  MAX_COLLATERAL_AGE_S,
  MAX_COLLATERAL_BYTES,
  MAX_ROOT_CRL_AGE_S,
  MAX_ROOTS,
} from './types.ts'

const REASON = { type: 'Attestation', value: { type: 'Collateral' } } as const
const DAY = 86_400

function attempt(world: World, collateral: DcapCollateral): string {
  return codeOf(world.signed(ALICE, 'Attestation', 'submit_collateral', { collateral }))
}

function registerOn(world: World): Outcome {
  const enclave = createEnclave('Contracts', 3)
  return world.signed(OPERATOR, 'Workers', 'register', enclave.registration(world))
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

  it('refuses the same documents in another spelling', () => {
    const world = createWorld()
    const collateral = world.platform.collateral()
    submit(world, collateral, CAROL)
    world.pass(60)
    const pckCrlIssuerChain = concatBytes(collateral.pckCrlIssuerChain, utf8('\n'))
    expect(attempt(world, { ...collateral, pckCrlIssuerChain })).toBe('Attestation.CollateralKnown')
    expect(held(world.state, REASON, CAROL)).toBe(infos(world)[0]?.value.deposit)
  })

  it('takes the same documents under a certificate that lasts longer', () => {
    const world = createWorld()
    const certificates = { pck_ca: { notAfter: START + DAY } }
    submit(world, world.platform.attack({ certificates }).collateral())
    expect(attempt(world, world.platform.collateral())).toBe('ok')
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

  it.each([
    ['tcb_info', MAX_COLLATERAL_AGE_S],
    ['qe_identity', MAX_COLLATERAL_AGE_S],
    ['pck_crl', MAX_COLLATERAL_AGE_S],
    ['root_crl', MAX_ROOT_CRL_AGE_S],
  ] as const)('lets %s count for a bounded age, whatever it says itself', (part, seconds) => {
    const world = createWorld()
    const window = { from: START - seconds, until: START + 1_000 * DAY }
    const collateral = world.platform.attack({ windows: { [part]: window } }).collateral()
    expect(attempt(world, collateral)).toBe('ok')
    expect(infos(world)[0]?.value.earliestExpiry).toBe(BigInt(START))
    expect(codeOf(registerOn(world))).toBe('ok')
    world.pass(1)
    world.nextBlock()
    expect(codeOf(registerOn(world))).toBe('Attestation.CollateralExpired')
    const later = createWorld()
    later.pass(1)
    expect(attempt(later, collateral)).toBe('Attestation.CollateralExpired')
  })

  it.each([
    ['pck_ca', 'PckCaRevoked'],
    ['tcb_signing', 'TcbSigningRevoked'],
  ] as const)('is taken away once authentic collateral revokes its %s', (role, reason) => {
    const world = createWorld()
    submit(world, world.platform.collateral())
    const sgx = world.platform.collateral({ tee: 'sgx' })
    submit(world, sgx)
    world.pass(60)
    const revoking = world.platform.attack({ revoked: [role] })
    expect(attempt(world, revoking.collateral({ now: START + 60 }))).toBe('ok')
    expect(world.events.map(({ code }) => code)).toContain('Attestation.CollateralWithdrawn')
    expect(world.events.at(-1)?.value).toMatchObject({ id: { tee: { type: 'Tdx' } }, reason })
    expect(infos(world).map(({ keys }) => keys[0].tee.type)).toEqual(['Sgx'])
    expect(held(world.state, REASON, CAROL)).toBe(infos(world)[0]?.value.deposit)
    expect(codeOf(registerOn(world))).toBe('Attestation.CollateralMissing')
    expect(attempt(world, revoking.collateral({ now: START + 60 }))).toBe(`Attestation.${reason}`)
  })

  it.each([
    ['pck_ca', 'PckCaRevoked'],
    ['tcb_signing', 'TcbSigningRevoked'],
  ] as const)('stays where only a predecessor of its %s was revoked', (role, reason) => {
    const world = createWorld()
    submit(world, world.platform.collateral())
    world.pass(60)
    const certificates = { [role]: { serial: filled(0x55, 20) } }
    const predecessor = world.platform.attack({ revoked: [role], certificates })
    expect(attempt(world, predecessor.collateral({ now: START + 60 }))).toBe(
      `Attestation.${reason}`,
    )
    expect(infos(world)).toHaveLength(1)
  })

  it('stays where a revocation is forged, or has ended', () => {
    const world = createWorld()
    submit(world, world.platform.collateral())
    const forged = { revoked: ['pck_ca'], signers: { root_crl: 'pck' } } as const
    expect(attempt(world, world.platform.attack(forged).collateral())).toBe(
      'Attestation.RootCrlSignatureInvalid',
    )
    const revoking = world.platform.attack({ revoked: ['pck_ca'] })
    world.pass(DAY)
    expect(attempt(world, revoking.collateral({ now: START - 30 * DAY }))).toBe(
      'Attestation.CollateralExpired',
    )
    expect(infos(world)).toHaveLength(1)
  })

  it('needs the evaluation number that governance demands', () => {
    const world = createWorld()
    const number = { number: 2 }
    unwrap(world.dispatch({ type: 'Root' }, 'Attestation', 'set_minimum_evaluation', number))
    expect(attempt(world, world.platform.collateral())).toBe('Attestation.TcbEvaluationTooOld')
    const raise = (document: Record<string, unknown>): void => {
      document['tcbEvaluationDataNumber'] = 2
    }
    const half = world.platform.attack({ editTcbInfo: raise })
    expect(attempt(world, half.collateral())).toBe('Attestation.TcbEvaluationTooOld')
    const whole = world.platform.attack({ editTcbInfo: raise, editQeIdentity: raise })
    expect(attempt(world, whole.collateral())).toBe('ok')
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
    const roots = Array.from({ length: MAX_ROOTS + 1 }, (_, seed) => devPlatform({ seed }).root)
    expect(() => createWorld({ roots })).toThrow('too many roots')
    const long = { ...platform.root, name: 'x'.repeat(65) }
    expect(() => createWorld({ roots: [long] })).toThrow('too large')
    expect(() => createWorld({ roots: roots.slice(1) })).not.toThrow()
  })
})
