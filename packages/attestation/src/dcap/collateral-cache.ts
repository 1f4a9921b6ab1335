import { bytesToHex, concatBytes, ok, type Result } from '@tacit/base'
import type { Hashes, SignatureCheck } from '@tacit/crypto'
import { decide, decideAsync } from '../assessment.ts'
import { assessParsed, type DcapAssessment } from './assess-quote.ts'
import { parseCollateral, type DcapCollateral, type ParsedCollateral } from './collateral.ts'
import type { DcapError, DcapFormError } from './errors.ts'
import type { DcapVerdict } from './verdict.ts'
import type { DcapInput } from './verify.ts'

/** Decides evidence like decideDcap(), with the same results, and remembers good collateral. */
export interface CollateralCache {
  decide(
    input: DcapInput,
    verify: (check: SignatureCheck) => boolean,
  ): Result<DcapVerdict, DcapError>
  /** The same with a verifier such as WebCrypto's. */
  decideAsync(
    input: DcapInput,
    verify: (check: SignatureCheck) => Promise<boolean>,
  ): Promise<Result<DcapVerdict, DcapError>>
}

/** What the longest parts that are ever parsed come to, chains, lists and documents. */
const MAX_BYTES = (3 * 64 + 2 * 512 + 2 * 256 + 1) * 1024

interface Opened {
  readonly assessment: DcapAssessment
  /** To be called once all checks have verified. */
  readonly keep: () => void
}

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
  const verified = new Map<string, ParsedCollateral>()

  function open(input: DcapInput): Result<Opened, DcapError> {
    const name = nameOf(input.collateral, input.hashes)
    const known = name === undefined ? undefined : verified.get(name)
    const parsed = known === undefined ? parseCopy(input.collateral) : ok(known)
    if (!parsed.ok) return parsed
    const collateral = parsed.value
    const assessment = assessParsed({ ...input, collateral }, known !== undefined)
    if (!assessment.ok) return assessment
    return ok({ assessment: assessment.value, keep: () => keep(name, collateral) })
  }

  function keep(name: string | undefined, collateral: ParsedCollateral): void {
    if (name === undefined) return
    verified.delete(name)
    const oldest = verified.size >= maxEntries ? verified.keys().next().value : undefined
    if (oldest !== undefined) verified.delete(oldest)
    verified.set(name, collateral)
  }

  return {
    decide(input, verify) {
      const opened = open(input)
      if (!opened.ok) return opened
      const { assessment, keep } = opened.value
      return settle(assessment, decide(assessment, verify), keep)
    },
    async decideAsync(input, verify) {
      const opened = open(input)
      if (!opened.ok) return opened
      const { assessment, keep } = opened.value
      return settle(assessment, await decideAsync(assessment, verify), keep)
    },
  }
}

/** The outcome itself comes back only where every check has verified. */
function settle(
  { outcome }: DcapAssessment,
  decided: Result<DcapVerdict, DcapError>,
  keep: () => void,
): Result<DcapVerdict, DcapError> {
  if (decided === outcome) keep()
  return decided
}

/** SHA-256 over all parts, each with its length; undefined for what is too long to be parsed. */
function nameOf(
  collateral: DcapCollateral,
  { sha256 }: Pick<Hashes, 'sha256'>,
): string | undefined {
  const parts = partsOf(collateral)
  const lengths = parts.map(({ length }) => length)
  if (lengths.reduce((sum, length) => sum + length, 0) > MAX_BYTES) return undefined
  const prefix = new Uint8Array(Uint32Array.from(lengths).buffer)
  return bytesToHex(sha256(concatBytes(prefix, ...parts)))
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
