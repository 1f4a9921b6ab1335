import type { Hash } from '@tacit/base'
import {
  decideDcap,
  explainError,
  explainVerdict,
  INTEL_SGX_ROOT_CA,
  type DcapBundle,
  type DcapError,
} from '@tacit/attestation'
import type { CryptoProvider } from '@tacit/crypto'
import { explainReceipt, explainReceiptError, verifyReceipt, type Receipt } from '@tacit/sdk'
import type { Dropped } from './classify.ts'

/** What the page says about a dropped file. */
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
  /** Unix seconds; for bundles, a receipt proves its own time. */
  readonly now: number
  readonly crypto: CryptoProvider
}

/** Verifies a receipt from the page's genesis hash, a bundle from Intel's root. */
export function judge(dropped: Dropped, context: JudgeContext): Judgement {
  return dropped.type === 'receipt'
    ? judgeReceipt(dropped.receipt, context)
    : judgeBundle(dropped.bundle, dropped.quote, context)
}

function judgeReceipt(receipt: Receipt, { genesisHash, crypto }: JudgeContext): Judgement {
  const verdict = verifyReceipt(receipt, genesisHash, crypto)
  return verdict.ok
    ? { accepted: true, headline: 'VERIFIED', lines: explainReceipt(verdict.value) }
    : rejected(verdict.error.code, [explainReceiptError(verdict.error)])
}

function judgeBundle(
  bundle: DcapBundle,
  quote: Uint8Array,
  { now, crypto }: JudgeContext,
): Judgement {
  const { hashes } = crypto
  const { collateral, verifyAt } = bundle
  const input = { quote, collateral, roots: [INTEL_SGX_ROOT_CA], now, hashes }
  const verdict = decideDcap(input, (check) => crypto.verify(check))
  if (!verdict.ok) {
    const heldAt = findHeldAt(verdict.error, verifyAt)
    const refused = rejected(verdict.error.code, [explainError(verdict.error)])
    return heldAt === undefined || heldAt === now ? refused : { ...refused, heldAt }
  }
  const lines = [
    ...explainVerdict(verdict.value),
    'policy     none applied: the evidence is genuine; whether it suits you is for you to say',
  ]
  return verdict.value.status === 'NotSupported'
    ? rejected('status_not_supported', lines)
    : { accepted: true, headline: 'ACCEPTED', lines }
}

/** When all parts held together: the recorded time if it is one, else the first. */
function findHeldAt(error: DcapError, recorded: number | undefined): number | undefined {
  if (!('verifiable' in error)) return undefined
  const { from, until } = error.verifiable
  if (from > until) return undefined
  return recorded !== undefined && recorded >= from && recorded <= until ? recorded : from
}

function rejected(code: string, lines: readonly string[]): Judgement {
  return { accepted: false, headline: `REJECTED [${code}]`, lines }
}
