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

const SENTENCES: Partial<Record<ReceiptError['code'], string>> = {
  checkpoint_mismatch: 'The receipt is of another chain than the given genesis hash.',
  commit_mismatch: 'The chain accepted another commit in this block.',
  commit_signature_invalid: 'The enclave did not sign this commit.',
  command_not_in_commit: 'The commit does not answer this command.',
  registration_mismatch: 'The registration is of another instance.',
  collateral_mismatch: 'The collateral is of another vendor than the evidence.',
  evidence_mismatch: 'The chain admitted the enclave with other evidence.',
  report_data_mismatch: 'The evidence does not bind what the registration claims.',
  measurement_refused: 'The chain does not allow this program in its role.',
  input_mismatch: 'The disclosed input is not the one that the enclave ran.',
  output_mismatch: 'The disclosed output is not the one that the enclave gave.',
}

/** Why a receipt does not hold, in one sentence. */
export function explainReceiptError(error: ReceiptError): string {
  if (error.code === 'evidence_refused') {
    return `The evidence of the enclave does not hold: ${error.reason.code}.`
  }
  if (error.code === 'policy_refused') {
    return `The evidence breaks the policy of the chain's class: ${error.rules.join(', ')}.`
  }
  return SENTENCES[error.code] ?? 'The proof of the chain, or of its state, does not hold.'
}
