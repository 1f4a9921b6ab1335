import { describe, expect, it } from 'vitest'
import { parseHex, unwrap } from '@tacit/base'
import { decodeNode } from './decode-node.ts'

const hex = (text: string): Uint8Array => unwrap(parseHex(text.replaceAll(' ', '')))
const hash = '11'.repeat(32)
const inline = (bytes: string): object => ({ kind: 'inline', bytes: hex(bytes) })
const hashed = { kind: 'hashed', hash: hex(hash) }

describe('a node', () => {
  it.each([
    ['leaf', '42 ab 04 07', [10, 11], inline('07'), []],
    ['leaf with an odd partial key', '43 0a bc 00', [10, 11, 12], inline(''), []],
    ['leaf with a hashed value', `21 0f ${hash}`, [15], hashed, []],
    ['branch', `80 0500 80 ${hash} 0c 410100`, [], undefined, [0, 2]],
    ['branch with a value', `c1 05 0080 04 07 0c 410100`, [5], inline('07'), [15]],
    ['branch with a hashed value', `10 0100 ${hash} 0c 410100`, [], hashed, [0]],
  ])('%s', (_name, bytes, partial, value, children) => {
    const node = unwrap(decodeNode(hex(bytes)))
    expect(node?.partial).toEqual(Uint8Array.from(partial))
    expect(node?.value).toEqual(value)
    const places = (node?.children ?? []).flatMap((child, index) => (child ? [index] : []))
    expect(places).toEqual(children)
  })

  it('is absent from an empty trie', () => {
    expect(decodeNode(Uint8Array.of(0))).toEqual({ ok: true, value: undefined })
  })

  it.each([
    ['nothing', ''],
    ['a header that does not exist', '01'],
    ['an empty trie with more behind it', '0000'],
    ['a partial key that is cut off', '42'],
    ['a length that is cut off', '7f ff'],
    ['a partial key longer than any key', `7f ${'ff'.repeat(260)} 00`],
    ['a filler nibble that is not zero', '41 1f 00'],
    ['no value', '40'],
    ['a value that is cut off', '40 08 01'],
    ['a value length in a longer form', '40 0100'],
    ['a value hash that is cut off', `20 ${'11'.repeat(31)}`],
    ['a branch without children', '80 0000'],
    ['a child that is cut off', '80 0100 0c 41'],
    ['a child longer than a hash', `80 0100 84 ${'11'.repeat(33)}`],
    ['bytes behind a leaf', '40 00 00'],
    ['bytes behind a branch', '80 0100 0c 410100 00'],
  ])('is refused: %s', (_name, bytes) => {
    expect(decodeNode(hex(bytes))).toEqual({ ok: false, error: { code: 'node_malformed' } })
  })
})
