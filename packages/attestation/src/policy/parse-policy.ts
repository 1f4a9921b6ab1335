import { err, ok, type Result } from '@tacit/base'
import { readJson, type JsonProblem } from '../json-document.ts'
import type { Json } from '../verdict-json.ts'
import type { Policy } from './policy.ts'
import { POLICY_SHAPE } from './policy-shape.ts'

/** The text is not a policy; `path` says where. */
export type PolicyFormError = { readonly code: 'policy_malformed' } & JsonProblem

/**
 * Reads a policy: JSON of at most 256 KiB with the fields of Policy and no others, none of them
 * twice. `policy.schema.json` says the same as JSON Schema, except for doubled fields.
 */
export function parsePolicy(bytes: Uint8Array): Result<Policy, PolicyFormError> {
  const read = readJson(bytes, (root) => POLICY_SHAPE.read(root))
  return read.ok ? ok(read.value) : err({ code: 'policy_malformed', ...read.error })
}

/** The policy's JSON Schema, draft 2020-12, without the words for people. */
export const POLICY_SCHEMA: { readonly [keyword: string]: Json } = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  ...POLICY_SHAPE.schema,
}
