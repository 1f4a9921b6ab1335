import type { FuzzTarget } from '../target.ts'
import { certificateTableTargets } from './certificate-table.ts'
import { dcapTargets } from './dcap.ts'
import { eventLogTargets } from './event-log.ts'
import { fileTargets } from './files.ts'
import { gpuSetTargets } from './gpu-set.ts'
import { nrasTargets } from './nras.ts'
import { nvidiaTargets } from './nvidia.ts'
import { policyTargets } from './policy.ts'
import { snpTargets } from './snp.ts'

/** What `npm run fuzz -- NAME` mutates. */
export const TARGETS: Readonly<Record<string, () => readonly FuzzTarget[]>> = {
  attestation: () => [
    ...dcapTargets(),
    ...eventLogTargets(),
    ...nvidiaTargets(),
    ...gpuSetTargets(),
    ...nrasTargets(),
    ...snpTargets(),
    ...certificateTableTargets(),
    ...policyTargets(),
    ...fileTargets(),
  ],
}
