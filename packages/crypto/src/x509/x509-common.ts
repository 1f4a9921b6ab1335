import { DerReader, TAG, readDer } from './der.ts'

/** A distinguished name: its exact bytes decide equality, the common name is for roles and people. */
export interface DistinguishedName {
  readonly der: Uint8Array
  /** The only common name; undefined where there is none or more than one. */
  readonly commonName: string | undefined
}

/** An extension's content by its object identifier. */
export type Extensions = ReadonlyMap<string, Uint8Array>

const COMMON_NAME = '2.5.4.3'
const MAX_NAME_PARTS = 32
const MAX_EXTENSIONS = 32

export function readName(input: DerReader): DistinguishedName {
  const names: string[] = []
  const { bytes } = input.whole(TAG.sequence, (parts) => {
    for (let count = 0; parts.remaining > 0; count++) {
      if (count === MAX_NAME_PARTS) parts.fail('too_many')
      parts.each(TAG.set, MAX_NAME_PARTS, (set) => {
        set.sequence((part) => {
          const type = part.oid()
          const text = part.text()
          if (type === COMMON_NAME) names.push(text)
        })
      })
    }
  })
  return { der: bytes, commonName: names.length === 1 ? names[0] : undefined }
}

/**
 * Reads Extensions; a critical one that the caller does not know is refused, as RFC 5280, section
 * 4.2, demands.
 */
export function readExtensions(input: DerReader, known: ReadonlySet<string>): Extensions {
  const extensions = new Map<string, Uint8Array>()
  input.each(TAG.sequence, MAX_EXTENSIONS, (list) => {
    list.sequence((extension) => {
      const id = extension.oid()
      const critical = extension.optionalTrue()
      if (critical && !known.has(id)) extension.fail('extension_unknown')
      if (extensions.has(id)) extension.fail('extension_duplicate')
      extensions.set(id, extension.content(TAG.octetString))
    })
  })
  if (extensions.size === 0) input.fail('value_invalid')
  return extensions
}

/** Reads an extension's content, which lies inside the input; faults keep the input's place. */
export function readExtension<T>(
  input: DerReader,
  content: Uint8Array,
  read: (content: DerReader) => T,
): T {
  const value = readDer(content, read)
  return value.ok ? value.value : input.fail(value.error.reason)
}
