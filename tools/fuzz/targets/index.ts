import type { FuzzTarget } from '../target.ts'
import { dcapTargets } from './dcap.ts'
import { eventLogTargets } from './event-log.ts'
import { nvidiaTargets } from './nvidia.ts'
import { snpTargets } from './snp.ts'

/** What `npm run fuzz -- NAME` mutates. */
export const TARGETS: Readonly<Record<string, () => readonly FuzzTarget[]>> = {
  attestation: () => [...dcapTargets(), ...eventLogTargets(), ...nvidiaTargets(), ...snpTargets()],
}
