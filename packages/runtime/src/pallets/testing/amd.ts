import { measurementId } from '@tacit/attestation'
import { unwrap, type Hash } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { createDevAmd, type DevAmd } from '@tacit/platform-dev'
import type { CpuEvidence } from '../../protocol/evidence.ts'
import { CAROL, createWorld, devPlatform, filled, START, type World } from './world.ts'

/** A machine with SEV-SNP; its RSA keys take a second to derive, so that there is one. */
export const AMD: DevAmd = createDevAmd({ seed: filled(0xa3), now: START })

/** What the test network's guests are launched as. */
export const GUEST: Uint8Array = filled(0x33, 48)

/** A world that trusts both vendors' development roots and lets the guests serve contracts. */
export function createAmdWorld(): World {
  const platform = devPlatform()
  const world = createWorld({ platform, roots: [platform.root, AMD.root] })
  const measured = { tee: 'sev-snp', measurement: GUEST, hostData: filled(0), vmpl: 0 } as const
  const measurement = measurementId(measured, native.hashes) as Hash
  const allowed = { role: { type: 'Contracts' }, measurement } as const
  const root = { type: 'Root' } as const
  unwrap(world.dispatch(root, 'Attestation', 'allow_measurement', { allowed }), 'allow')
  return world
}

/** The same with AMD's collateral. */
export function createAttestedAmdWorld(): World {
  const world = createAmdWorld()
  const args = { collateral: AMD.collateral() }
  unwrap(world.signed(CAROL, 'Attestation', 'submit_amd_collateral', args), 'collateral')
  return world
}

export type GuestOptions = Partial<Parameters<DevAmd['launchGuest']>[0]>

/** How a guest reports. */
export function snpReporter(
  amd: DevAmd = AMD,
  options: GuestOptions = {},
): (reportData: Uint8Array) => CpuEvidence {
  const guest = amd.launchGuest({ measurement: GUEST, ...options })
  const { signingKey = 'vcek' } = options
  const { endorsement: certificate } = amd.collateral({ signingKey })
  return (reportData) => ({
    type: 'SevSnp',
    value: { report: guest.report(reportData), certificate },
  })
}
