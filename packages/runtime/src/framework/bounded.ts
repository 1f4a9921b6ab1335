import { mapped, vec, type Codec, type TypeInfo } from '@tacit/base'

/** A list of at most max items, under FRAME's name for it: bounded_collections::BoundedVec. */
export function boundedVec<T>(item: Codec<T>, max: number): Codec<readonly T[]> {
  return named(item, max, ['bounded_collections', 'bounded_vec', 'BoundedVec'])
}

/** The same under the name of FRAME's list whose bound is not enforced; here it is. */
export function weakBoundedVec<T>(item: Codec<T>, max: number): Codec<readonly T[]> {
  return named(item, max, ['bounded_collections', 'weak_bounded_vec', 'WeakBoundedVec'])
}

function named<T>(item: Codec<T>, max: number, path: readonly string[]): Codec<readonly T[]> {
  const list = vec(item, max)
  const type: TypeInfo = {
    kind: 'composite',
    path,
    params: [{ name: 'T', type: item.type }],
    fields: [{ type: list.type, typeName: 'Vec<T>' }],
  }
  return mapped(
    list,
    (values) => values,
    (values) => values,
    type,
  )
}
