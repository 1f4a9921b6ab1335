import { bytesToHex } from '@tacit/base'
import { describe, expect, it } from 'vitest'
import { held } from '../balances/ops.ts'
import { createGpuWorld, GPUS } from '../testing/nvidia.ts'
import { ALICE, codeOf, createWorld, filled, type World } from '../testing/world.ts'
import { attestationStorage, MAX_RIMS_PER_SUBJECT } from './types.ts'

const REASON = { type: 'Attestation', value: { type: 'Collateral' } } as const
const [driver, vbios] = GPUS.launch().rims()

function attempt(world: World, document: Uint8Array | undefined): string {
  return codeOf(world.signed(ALICE, 'Attestation', 'submit_rim', { document }))
}

function stored(world: World): ReturnType<typeof attestationStorage.Rims.entries> {
  return attestationStorage.Rims.entries(world.state)
}

/** The same manifest under another id. */
function renamed(at: number): Uint8Array | undefined {
  const id = bytesToHex(filled(at, 48))
  const editContent = (xml: string): string => xml.replace(/tagId="[0-9a-f]{96}"/, `tagId="${id}"`)
  return GPUS.attack({ rim: { editContent } }).launch().rims()[0]
}

describe('submit_rim', () => {
  it('keeps what a manifest says and the hash of its document, for a deposit', () => {
    const world = createGpuWorld()
    expect(attempt(world, driver)).toBe('ok')
    const [rim, ...others] = stored(world)
    expect(others).toEqual([])
    expect(rim?.keys[0]).toEqual({
      device: { type: 'Gpu' },
      kind: { type: 'Driver' },
      product: 'GH100',
      version: '550.144.03',
    })
    expect(rim?.value).toMatchObject({
      root: GPUS.rimRoot.fingerprint,
      hash: world.state.hashes.blake2b256(driver ?? new Uint8Array()),
      submitter: ALICE,
    })
    expect(rim?.value.values.filter(({ active }) => active)).toHaveLength(8)
    expect(held(world.state, REASON, ALICE)).toBe(rim?.value.deposit)
    expect(world.events.at(-1)).toMatchObject({
      code: 'Attestation.RimAccepted',
      value: { id: rim?.keys[1], hash: rim?.value.hash },
    })
    expect(attempt(world, vbios)).toBe('ok')
    expect(stored(world)).toHaveLength(2)
  })

  it('needs a signature and the deposit', () => {
    const world = createGpuWorld()
    const call = ['Attestation', 'submit_rim', { document: driver }] as const
    expect(codeOf(world.unsigned(...call))).toBe('bad_origin')
    expect(codeOf(world.dispatch({ type: 'Root' }, ...call))).toBe('bad_origin')
    expect(world.signed(filled(0x77) as never, ...call)).toEqual({
      ok: false,
      error: { code: 'token', reason: 'FundsUnavailable' },
    })
  })

  it('takes the same manifest again only where its certificates end later', () => {
    const world = createGpuWorld()
    const ends = { notAfter: Date.UTC(2030, 0, 1) / 1_000 }
    const short = GPUS.attack({ rim: { certificates: { rim_signer: ends } } })
      .launch()
      .rims()[0]
    expect(attempt(world, short)).toBe('ok')
    const deposit = held(world.state, REASON, ALICE)
    expect(attempt(world, short)).toBe('Attestation.CollateralKnown')
    expect(attempt(world, driver)).toBe('ok')
    expect(attempt(world, short)).toBe('Attestation.CollateralKnown')
    expect(stored(world)).toHaveLength(1)
    expect(held(world.state, REASON, ALICE)).toBe(deposit)
  })

  it('keeps so many of one version', () => {
    const world = createGpuWorld()
    for (let at = 1; at <= MAX_RIMS_PER_SUBJECT; at++) {
      expect(attempt(world, renamed(at))).toBe('ok')
    }
    expect(attempt(world, renamed(99))).toBe('Attestation.TooManyRims')
    expect(attempt(world, vbios)).toBe('ok')
  })

  it.each([
    ['what is no XML', () => filled(0x20), 'RimXmlMalformed'],
    [
      'another document than was signed',
      () => GPUS.attack({ rim: { editDocument: (xml) => xml.replace('550.144', '550.145') } }),
      'RimDigestMismatch',
    ],
    [
      'a document that somebody else signed',
      () => GPUS.attack({ rim: { signers: { document: 'root' } } }),
      'RimSignatureInvalid',
    ],
    [
      'a certificate that somebody else signed',
      () => GPUS.attack({ rim: { signers: { rim_signer: 'root' } } }),
      'RimSignerSignatureInvalid',
    ],
    [
      'what has expired',
      () => GPUS.attack({ rim: { certificates: { rim_signer: { notAfter: 1_600_000_000 } } } }),
      'CertificateExpired',
    ],
  ] as const)('refuses %s', (_, make, name) => {
    const made = make()
    const document = made instanceof Uint8Array ? made : made.launch().rims()[0]
    expect(attempt(createGpuWorld(), document)).toBe(`Attestation.${name}`)
  })

  it('refuses roots that are not pinned', () => {
    expect(attempt(createWorld(), driver)).toBe('Attestation.RootUntrusted')
  })
})
