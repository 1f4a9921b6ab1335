import { boundedBytes, vec, type Codec } from '@tacit/base'

const STRICT: readonly string[] = ['bounded_collections', 'bounded_vec', 'BoundedVec']
const WEAK: readonly string[] = ['bounded_collections', 'weak_bounded_vec', 'WeakBoundedVec']

/** A list of at most max items, under FRAME's name for it: bounded_collections::BoundedVec. */
export function boundedVec<T>(item: Codec<T>, max: number): Codec<readonly T[]> {
  return named(vec(item, max), STRICT)
}

/** At most max bytes, under the same name. */
export function boundedVecOfBytes(max: number): Codec<Uint8Array> {
  return named(boundedBytes(max), STRICT)
}

/** A list under the name of FRAME's whose bound is not enforced; here it is. */
export function weakBoundedVec<T>(item: Codec<T>, max: number): Codec<readonly T[]> {
  return named(vec(item, max), WEAK)
}

function named<L>(list: Codec<L>, path: readonly string[]): Codec<L> {
  const params = list.type.kind === 'sequence' ? [{ name: 'T', type: list.type.item }] : []
  const fields = [{ type: list.type, typeName: 'Vec<T>' }]
  return { ...list, type: { kind: 'composite', path, params, fields } }
}
