import { INTEL_SGX_ROOT_CA } from './dcap/roots.ts'
import { NVIDIA_ROOTS } from './nvidia/roots.ts'
import { AMD_ROOTS } from './sev-snp/roots.ts'
import type { TrustedRoot } from './trusted-root.ts'

/** The roots of all vendors, as pinned here; every other root is one of development. */
export const VENDOR_ROOTS: readonly TrustedRoot[] = [
  INTEL_SGX_ROOT_CA,
  ...AMD_ROOTS,
  ...NVIDIA_ROOTS,
]
