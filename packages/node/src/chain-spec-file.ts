import { readFileSync } from 'node:fs'
import { parseChainSpec, type ChainSpec } from './chain-spec.ts'
import { NodeError } from './errors.ts'

/** Reads a specification from a file. Throws `chain_spec_unreadable`, `chain_spec_invalid`. */
export function readChainSpec(path: string): ChainSpec {
  const spec = parseChainSpec(readJson(path))
  if (!spec.ok) throw new NodeError(spec.error)
  return spec.value
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new NodeError({ code: 'chain_spec_unreadable', path }, { cause })
  }
}
