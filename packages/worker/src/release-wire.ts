import { fixedBytes, struct, u32, type Codec } from '@tacit/base'
import {
  cpuEvidence,
  grant,
  releaseBinding,
  type CpuEvidence,
  type Grant,
  type ReleaseBinding,
} from '@tacit/runtime'

/** Body of POST /v1/release/grant. */
export type GrantRequest = { readonly binding: ReleaseBinding; readonly evidence: CpuEvidence }
export const grantRequest: Codec<GrantRequest> = struct({
  binding: releaseBinding,
  evidence: cpuEvidence,
})

/** Its answer: what the chain takes as Keys.grant. */
export type SignedGrant = { readonly grant: Grant; readonly signature: Uint8Array }
export const signedGrant: Codec<SignedGrant> = struct({ grant, signature: fixedBytes(64) })

/** Body of POST /v1/release/collect: whose shares, and the height at which the chain noted it. */
export type CollectRequest = { readonly ephemeralKey: Uint8Array; readonly height: number }
export const collectRequest: Codec<CollectRequest> = struct({
  ephemeralKey: fixedBytes(32),
  height: u32,
})

export const MAX_GRANT_REQUEST_BYTES = 16_896
export const COLLECT_REQUEST_BYTES = 36
