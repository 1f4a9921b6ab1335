import { bytesToHex, type Result } from '@tacit/base'
import { createVerifiedCache, type VerifiedCache } from '../verified-cache.ts'
import { assessParsed } from './assess-quote.ts'
import { parseCollateral, type DcapCollateral, type ParsedCollateral } from './collateral.ts'
import type { DcapError, DcapFormError } from './errors.ts'
import type { DcapVerdict } from './verdict.ts'
import type { DcapInput } from './verify.ts'

/** Decides evidence like decideDcap(), with the same results, and remembers good collateral. */
export type CollateralCache = VerifiedCache<DcapInput, DcapVerdict, DcapError>

/** What the longest parts that are ever parsed come to, chains, lists and documents. */
const MAX_BYTES = (3 * 64 + 2 * 512 + 2 * 256 + 1) * 1024

/**
 * Creates a cache under which collateral is parsed once, and after all its signatures have
 * verified they are not checked again: three remain for a quote. The six depend on nothing but
 * the collateral's own bytes, of which the entry keeps a copy under their hash; trusted roots,
 * time, revocation and every rule are judged anew each time. Collateral whose evidence failed a
 * signature is not kept, so that nothing bad enters and nothing good is pushed out by it.
 * @param maxEntries at least 1; the least recently used goes first. An entry takes about 50 KB
 *   with Intel's collateral and at most 4 MB.
 */
export function createCollateralCache(maxEntries: number): CollateralCache {
  return createVerifiedCache(maxEntries, {
    nameOf: createNaming(),
    parse: ({ collateral }) => parseCopy(collateral),
    assess: (input, collateral, isVerified) => assessParsed({ ...input, collateral }, isVerified),
  })
}

/** Names collateral by SHA-256 over all parts, each with its length; undefined for what is too long. */
function createNaming(): (input: DcapInput) => string | undefined {
  // Kept between calls: to allocate tens of kilobytes each time takes longer than to hash them.
  let scratch = new Uint8Array()
  return ({ collateral, hashes }) => {
    const parts = partsOf(collateral)
    const lengths = new Uint8Array(Uint32Array.from(parts, ({ length }) => length).buffer)
    const total = parts.reduce((sum, { length }) => sum + length, lengths.length)
    if (total > MAX_BYTES) return undefined
    if (scratch.length < total) scratch = new Uint8Array(total)
    let at = 0
    for (const part of [lengths, ...parts]) {
      scratch.set(part, at)
      at += part.length
    }
    return bytesToHex(hashes.sha256(scratch.subarray(0, total)))
  }
}

function partsOf(collateral: DcapCollateral): readonly Uint8Array[] {
  return [
    collateral.pckCrlIssuerChain,
    collateral.rootCaCrl,
    collateral.pckCrl,
    collateral.tcbInfoIssuerChain,
    collateral.tcbInfo,
    collateral.tcbInfoSignature,
    collateral.qeIdentityIssuerChain,
    collateral.qeIdentity,
    collateral.qeIdentitySignature,
  ]
}

/** Parsed values are views; the caller's bytes may change later, a kept entry must not. */
function parseCopy(collateral: DcapCollateral): Result<ParsedCollateral, DcapFormError> {
  return parseCollateral({
    pckCrlIssuerChain: collateral.pckCrlIssuerChain.slice(),
    rootCaCrl: collateral.rootCaCrl.slice(),
    pckCrl: collateral.pckCrl.slice(),
    tcbInfoIssuerChain: collateral.tcbInfoIssuerChain.slice(),
    tcbInfo: collateral.tcbInfo.slice(),
    tcbInfoSignature: collateral.tcbInfoSignature.slice(),
    qeIdentityIssuerChain: collateral.qeIdentityIssuerChain.slice(),
    qeIdentity: collateral.qeIdentity.slice(),
    qeIdentitySignature: collateral.qeIdentitySignature.slice(),
  })
}
