import { type Hash } from '@tacit/base'
import {
  assessEvidence,
  decideAsync,
  explainEvidenceError,
  explainFindings,
  findHeldAt,
  refusalOf,
  VENDOR_ROOTS,
  type EvidenceSet,
} from '@tacit/attestation'
import type { CryptoProvider } from '@tacit/crypto'
import type { AsyncVerifier } from '@tacit/crypto/webcrypto'
import { explainReceipt, explainReceiptError, verifyReceipt, type Receipt } from '@tacit/sdk'
import type { Dropped } from './classify.ts'

/** What the page says about dropped files. */
export type Judgement = {
  readonly accepted: boolean
  /** The verdict and its code, one line. */
  readonly headline: string
  /** What it rests on, or why it is refused, a line each. */
  readonly lines: readonly string[]
  /** Unix seconds at which expired evidence held. */
  readonly heldAt?: number
}

export type JudgeContext = {
  /** Where trust in receipts starts. */
  readonly genesisHash: Hash
  /** Unix seconds; for evidence, a receipt proves its own time. */
  readonly now: number
  readonly crypto: CryptoProvider
  /** Decides the signatures of evidence. */
  readonly verifier: AsyncVerifier
}

/** Verifies a receipt from the page's genesis hash, evidence from its vendor's root. */
export async function judge(dropped: Dropped, context: JudgeContext): Promise<Judgement> {
  return dropped.type === 'receipt'
    ? judgeReceipt(dropped.receipt, context)
    : judgeEvidence(dropped.set, context)
}

function judgeReceipt(receipt: Receipt, { genesisHash, crypto }: JudgeContext): Judgement {
  const verdict = verifyReceipt(receipt, genesisHash, crypto)
  return verdict.ok
    ? { accepted: true, headline: 'VERIFIED', lines: explainReceipt(verdict.value) }
    : rejected(verdict.error.code, [explainReceiptError(verdict.error)])
}

async function judgeEvidence(
  set: EvidenceSet,
  { now, crypto, verifier }: JudgeContext,
): Promise<Judgement> {
  const assessed = assessEvidence(set, { roots: VENDOR_ROOTS, now, hashes: crypto.hashes })
  const found = assessed.ok
    ? await decideAsync(assessed.value, (check) => verifier.verify(check))
    : assessed
  if (!found.ok) {
    const heldAt = findHeldAt(found.error, set.recordedAt)
    const refused = rejected(found.error.code, [explainEvidenceError(found.error)])
    return heldAt === undefined || heldAt === now ? refused : { ...refused, heldAt }
  }
  const lines = [
    ...explainFindings(found.value),
    'policy     none applied: the evidence is genuine; whether it suits you is for you to say',
  ]
  const refusal = refusalOf(found.value)
  return refusal === undefined
    ? { accepted: true, headline: 'ACCEPTED', lines }
    : rejected(refusal, lines)
}

function rejected(code: string, lines: readonly string[]): Judgement {
  return { accepted: false, headline: `REJECTED [${code}]`, lines }
}
