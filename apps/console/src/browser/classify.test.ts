import { describe, expect, it } from 'vitest'
import { bytesToHex, utf8 } from '@tacit/base'
import { checkSizes, classifyFiles, MAX_FILE_BYTES, type DroppedFile } from './classify.ts'

const collateral = {
  pck_crl_issuer_chain: '',
  root_ca_crl: '00',
  pck_crl: '00',
  tcb_info_issuer_chain: '',
  tcb_info: '{}',
  tcb_info_signature: '00',
  qe_identity_issuer_chain: '',
  qe_identity: '{}',
  qe_identity_signature: '00',
}

function file(content: unknown, name: string = 'a.json'): DroppedFile {
  return {
    name,
    bytes: typeof content === 'string' ? utf8(content) : utf8(JSON.stringify(content)),
  }
}

/** The first bytes of a TDX quote, of the least length that a text of it is told by. */
const binary = { name: 'q.bin', bytes: Uint8Array.of(4, 0, 2, 0, 0x81, ...new Uint8Array(27)) }

describe('checkSizes', () => {
  it('bounds number and size before anything is read', () => {
    expect(checkSizes([])).toMatchObject({ error: { code: 'no_file' } })
    const many = Array.from({ length: 65 }, () => ({ name: 'a', size: 1 }))
    expect(checkSizes(many)).toMatchObject({ error: { code: 'too_many_files' } })
    expect(checkSizes([{ name: 'a', size: MAX_FILE_BYTES }]).ok).toBe(true)
    expect(checkSizes([{ name: 'big.json', size: 5_500_000 }])).toMatchObject({
      error: { code: 'file_too_large', why: expect.stringContaining('big.json has 5.5 MB') },
    })
  })
})

describe('classifyFiles', () => {
  it('takes a bundle with its quote inside', () => {
    expect(classifyFiles([file({ quote: '0400', collateral })])).toMatchObject({
      value: { type: 'evidence', set: { type: 'dcap', quote: Uint8Array.of(4, 0) } },
    })
  })

  it('takes a bundle with the file of its quote, in any order, as bytes or hex', () => {
    const bundle = file({ quote: 'quotes/q.bin', collateral })
    for (const files of [
      [bundle, binary],
      [binary, bundle],
    ]) {
      expect(classifyFiles(files)).toMatchObject({ value: { set: { quote: binary.bytes } } })
    }
    const hex = file(`0x${bytesToHex(binary.bytes)}\n`, 'q.hex')
    expect(classifyFiles([bundle, hex])).toMatchObject({
      value: { set: { quote: binary.bytes } },
    })
  })

  it('says how to give the quote where it is elsewhere', () => {
    expect(classifyFiles([file({ quote: 'quotes/q.bin', collateral })])).toMatchObject({
      error: {
        code: 'quote_missing',
        why: expect.stringMatching(/quotes\/q\.bin.*that file too.*hex/),
      },
    })
  })

  it.each<[string, DroppedFile[], string]>([
    ['bytes that are no evidence', [{ name: 'a', bytes: new Uint8Array(9) }], 'file_unknown'],
    ['a quote alone', [binary], 'collateral_missing'],
    ['an empty file', [file('')], 'file_unknown'],
    ['JSON that is no object', [file([1])], 'file_unknown'],
    ['an object that is neither', [file({})], 'file_unknown'],
    ['JSON that breaks off', [file('{"format":')], 'file_unknown'],
    ['deep nesting', [file(`{"a":${'['.repeat(100_000)}`)], 'file_unknown'],
    ['a bundle of another shape', [file({ quote: 1, collateral })], 'file_malformed'],
    ['a receipt without its parts', [file({ format: 'tacit-receipt-v1' })], 'receipt_malformed'],
    ['two receipts', [file({ format: 'tacit-receipt-v1' }), file({})], 'too_many_files'],
    ['two quotes', [binary, binary], 'files_conflicting'],
  ])('refuses %s', (_name, files, code) => {
    expect(classifyFiles(files)).toMatchObject({ error: { code } })
  })
})
