import { readFileSync } from 'node:fs'
import { parseHex, unwrap } from '@tacit/base'
import { parseChainSpec, type ChainSpec } from '../../packages/node/src/chain-spec.ts'

/** A block as its line of the file has it: header and extrinsics in hex. */
export type BlockLine = { readonly header: string; readonly extrinsics: readonly string[] }

/** A chain in a file: one line for its specification, one for each block. */
export type ChainFile = { readonly spec: ChainSpec; readonly blocks: readonly BlockLine[] }

export function readChainFile(path: string): ChainFile {
  const [spec = '', ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n')
  return {
    spec: unwrap(parseChainSpec(JSON.parse(spec)), 'chain specification'),
    blocks: lines.map((line) => JSON.parse(line) as BlockLine),
  }
}

export function fromHex(text: string): Uint8Array {
  return unwrap(parseHex(text), 'hex')
}
