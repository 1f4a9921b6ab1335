import type { FuzzTarget } from '../target.ts'
import { dcapTargets } from './dcap.ts'

/** What `npm run fuzz -- NAME` mutates. */
export const TARGETS: Readonly<Record<string, () => readonly FuzzTarget[]>> = {
  attestation: () => [...dcapTargets()],
}
