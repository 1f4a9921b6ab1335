import { unwrap, utf8 } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { createDevRimAuthority } from '@tacit/platform-dev'
import { describe, expect, test } from 'vitest'
import { cpuMs } from '../../testing/cpu-ms.ts'
import { createVerifier, evidenceFolder, flipped, NOW, readListedFile } from '../../testing/kit.ts'
import { NVIDIA_ROOTS } from '../roots.ts'
import { decideRim, parseRim, type RimInput } from './rim.ts'

const verify = createVerifier()
const authority = createDevRimAuthority(new Uint8Array(32).fill(7))
const written = authority.writeRim({
  version: '550.144.03',
  values: new Map([[1, [new Uint8Array(48).fill(1)]]]),
  indices: 3,
})
const original = { rim: written, roots: [authority.root], now: NOW, hashes: native.hashes }

/** Errors that a changed byte may give. */
const REFUSALS = [
  'rim_xml_malformed',
  'rim_signature_malformed',
  'rim_malformed',
  'rim_digest_mismatch',
  'rim_signature_invalid',
  'certificate_malformed',
  'rim_signer_signature_invalid',
  'rim_issuing_ca_signature_invalid',
  'rim_product_ca_signature_invalid',
  'root_untrusted',
]

/** Whether a byte outside of the signed values may have been white space. */
function expectHarmless(input: RimInput, at: number, bits: number): void {
  const mutant = { ...input, rim: flipped(input.rim, at, bits) }
  const decided = decideRim(mutant, verify)
  if (!decided.ok) return expect(REFUSALS, `at ${at}`).toContain(decided.error.code)
  expect(decided, `at ${at}`).toEqual(decideRim(input, verify))
  const isWhite = (byte: number | undefined): boolean =>
    /[ \t\n\r]/.test(String.fromCharCode(byte ?? 0))
  expect(isWhite(input.rim[at]) && isWhite(mutant.rim[at]), `at ${at}`).toBe(true)
}

test('every changed byte is refused, or was white space in a tag or in base64', () => {
  const certificates = new TextDecoder().decode(written).indexOf('<ds:X509Certificate>')
  for (let at = 0; at < written.length; at += at < certificates ? 1 : 5) {
    expectHarmless(original, at, 1 << (at % 7))
    // Space to tab.
    if (written[at] === 0x20) expectHarmless(original, at, 0x29)
  }
})

describe.runIf(evidenceFolder !== undefined)('a real manifest', () => {
  const path = 'nvidia/nvsdk__NV_GPU_DRIVER_GH100_550.144.03.xml'
  test('a changed byte is refused, or was white space', () => {
    const rim = readListedFile(evidenceFolder ?? '', path)
    const input = { rim, roots: NVIDIA_ROOTS, now: NOW, hashes: native.hashes }
    for (let at = 0; at < rim.length; at += 41) expectHarmless(input, at, 1 << (at % 7))
  })
})

test('a document cut off anywhere is refused', () => {
  for (let length = 0; length < written.length; length += 7) {
    const parsed = parseRim(written.subarray(0, length), native.hashes)
    expect(parsed).toMatchObject({ ok: false, error: { code: 'rim_xml_malformed' } })
  }
})

test('white space and comments around and within the signature change nothing', () => {
  const edit = (xml: string): string =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<!-- a -->${xml
      .replaceAll(/<ds:(KeyInfo|X509Data|SignatureValue)>/g, '\n  <ds:$1>\n')
      .replace('corpus="false"', "\tcorpus = 'false'\r\n")}\n<!-- b -->\n`
  const rim = utf8(edit(new TextDecoder().decode(written)))
  expect(decideRim({ ...original, rim }, verify)).toEqual(decideRim(original, verify))
})

test('a comment in the signed content changes nothing, an element does', () => {
  const text = new TextDecoder().decode(written)
  const withComment = utf8(text.replace('<ns0:Payload', '<!-- c --><ns0:Payload'))
  expect(decideRim({ ...original, rim: withComment }, verify)).toEqual(decideRim(original, verify))
})

test('the longest document is decided within 50 ms', () => {
  const filler = '<ns0:Link></ns0:Link>'.repeat(900) + '&gt;'.repeat(2000) + 'x'.repeat(80 * 1024)
  const attacked = authority.attack({
    editContent: (xml) => xml.replace('<ns0:Entity', () => `${filler}<ns0:Entity`),
  })
  const rim = attacked.writeRim({ version: '1.0', values: new Map() })
  expect(cpuMs(() => unwrap(decideRim({ ...original, rim }, verify)))).toBeLessThan(50)
})
