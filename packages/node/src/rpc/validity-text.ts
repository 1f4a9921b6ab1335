const INVALID: { readonly [code: string]: string } = {
  call: 'Transaction call is not expected',
  payment: 'Inability to pay some fees (e.g. account balance too low)',
  future: 'Transaction will be valid in the future',
  stale: 'Transaction is outdated',
  bad_proof: 'Transaction has a bad signature',
  ancient_birth_block: 'Transaction has an ancient birth block',
  exhausts_resources: 'Transaction would exhaust the block limits',
  bad_mandatory: 'A call was labelled as mandatory, but resulted in an Error.',
  mandatory_validation: 'Transaction dispatch is mandatory; transactions must not be validated.',
  bad_signer: 'Invalid signing address',
}
const UNKNOWN: { readonly [code: string]: string } = {
  cannot_lookup: 'Could not lookup information required to validate the transaction',
  no_unsigned_validator: 'Could not find an unsigned validator for the unsigned transaction',
}

/** FRAME's words for a verdict, which clients show and compare. */
export function validityText(error: { readonly code: string; readonly value?: unknown }): {
  text: string
  isUnknown: boolean
} {
  if (error.code === 'custom')
    return { text: `Custom error: ${String(error.value)}`, isUnknown: false }
  const unknown = UNKNOWN[error.code]
  return { text: unknown ?? INVALID[error.code] ?? error.code, isUnknown: unknown !== undefined }
}
