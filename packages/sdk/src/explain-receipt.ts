import { accountIdToAddress, toHex } from '@tacit/base'
import { explainVerdict } from '@tacit/attestation'
import { explainRestsOn } from '@tacit/light'
import type { ReceiptError, ReceiptVerdict } from './verify-receipt.ts'

/** What a receipt proves, for a person, a line each. */
export function explainReceipt(verdict: ReceiptVerdict): readonly string[] {
  const { outcome, contract, newRoot, instance, disclosed } = verdict
  const shown = disclosed.length === 0 ? 'hashes only' : `${disclosed.join(' and ')}, as disclosed`
  return [
    `command ${outcome.sequence} of contract ${accountIdToAddress(contract)}: ${outcome.code}`,
    `  gas used ${outcome.gasUsed}; state root after it ${toHex(newRoot)}; ${shown}`,
    `run by an enclave of role ${instance.role.type}, registered at block ${instance.registeredAt}`,
    ...explainVerdict(verdict.attestation, verdict.policy).map((line) => `  ${line}`),
    'rests on',
    ...explainRestsOn(verdict.restsOn).map((line) => `  ${line}`),
  ]
}

/** Why a receipt does not hold, in one sentence. */
export function explainReceiptError(error: ReceiptError): string {
  switch (error.code) {
    case 'checkpoint_mismatch':
      return 'The receipt is of another chain than the given genesis hash.'
    case 'evidence_refused':
      return `The evidence of the enclave does not hold: ${error.reason.code}.`
    case 'policy_refused':
      return `The evidence breaks the policy of the chain's class: ${error.rules.join(', ')}.`
    case 'commit_mismatch':
      return 'The chain accepted another commit in this block.'
    case 'commit_signature_invalid':
      return 'The enclave did not sign this commit.'
    default:
      return `The receipt does not hold: ${error.code}.`
  }
}
