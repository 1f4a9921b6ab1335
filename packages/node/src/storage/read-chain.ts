import { decode, err, ok, u32, unwrap, type Result } from '@tacit/base'
import { read, type Columns } from './columns.ts'
import { bytesListCodec, keyToNumber, numberKey, type Metadata } from './records.ts'

/** Why a block's body is not here. */
export type BodyUnavailable =
  | { readonly code: 'block_unknown' }
  /** It was here and is gone: bodies are kept from `oldest` on. */
  | { readonly code: 'body_pruned'; readonly oldest: number }
  /** It lies before the state that this database was made of: blocks begin at `oldest`. */
  | { readonly code: 'block_absent'; readonly oldest: number }

type Known = Metadata | undefined

/** Header bytes; undefined above the best block, and before an imported one but for handovers. */
export function readHeader(
  { headers }: Pick<Columns, 'headers'>,
  metadata: Known,
  number: number,
): Uint8Array | undefined {
  return isCommitted(metadata, number) ? read(headers, numberKey(number)) : undefined
}

export function readBody(
  { bodies }: Pick<Columns, 'bodies'>,
  metadata: Known,
  number: number,
): Result<readonly Uint8Array[], BodyUnavailable> {
  if (!metadata || !isCommitted(metadata, number)) return err({ code: 'block_unknown' })
  const { firstNumber, oldestBody: oldest } = metadata
  if (number !== 0 && number < firstNumber)
    return err({ code: 'block_absent', oldest: firstNumber })
  if (number !== 0 && number < oldest) return err({ code: 'body_pruned', oldest })
  const stored = read(bodies, numberKey(number))
  return stored
    ? ok(unwrap(decode(bytesListCodec, stored), 'stored body'))
    : err({ code: 'block_unknown' })
}

/** The number of a committed block. */
export function readNumber(
  { numbers }: Pick<Columns, 'numbers'>,
  metadata: Known,
  hash: Uint8Array,
): number | undefined {
  if (hash.length !== 32) return undefined
  const bytes = read(numbers, hash)
  const number = bytes && unwrap(decode(u32, bytes), 'stored number')
  return number !== undefined && isCommitted(metadata, number) ? number : undefined
}

export function readJustification(
  { justifications }: Pick<Columns, 'justifications'>,
  metadata: Known,
  number: number,
): Uint8Array | undefined {
  return isCommitted(metadata, number) ? read(justifications, numberKey(number)) : undefined
}

/** The blocks that hand over to another authority set, ascending. */
export function readHandovers({ handovers }: Pick<Columns, 'handovers'>): readonly number[] {
  return [...handovers.getKeys()].map(keyToNumber)
}

function isCommitted(metadata: Known, number: number): boolean {
  return number >= 0 && number <= (metadata?.bestNumber ?? -1)
}
