import { unwrap } from '@tacit/base'
import { parseCertificate, type Certificate } from '@tacit/crypto/x509'
import { describe, expect, test } from 'vitest'
import { NVIDIA_RIM_ROOT_CA } from './roots.ts'
import { parseFirmwareIdentity } from './dice-extension.ts'
import { hex } from '../testing/kit.ts'

const TCB_INFO = '2.23.133.5.4.1.1'
const COMPOSITE = '2.23.133.5.4.1'
const DIGEST = `303d06096086480165030402020430${'ab'.repeat(48)}`
const KEY = '3003020100'

const some = unwrap(parseCertificate(NVIDIA_RIM_ROOT_CA.certificate))

function identityIn(id: string, content: string): unknown {
  const certificate: Certificate = { ...some, extensions: new Map([[id, hex(content)]]) }
  const identity = parseFirmwareIdentity(certificate)
  if (!identity.ok) return identity.error
  return identity.value === undefined
    ? undefined
    : { fwid: identity.value.fwid[0], debug: identity.value.debug }
}

/** A SEQUENCE of elements. */
function sequence(...parts: readonly string[]): string {
  const content = parts.join('')
  const length = content.length / 2
  return length < 128
    ? `30${length.toString(16).padStart(2, '0')}${content}`
    : `3081${length.toString(16)}${content}`
}

function tagged(tag: string, content: string): string {
  return `${tag}${(content.length / 2).toString(16).padStart(2, '0')}${content}`
}

describe('the firmware identity of an attestation certificate', () => {
  test.each([
    ['of Hopper', COMPOSITE, sequence('020101', KEY, DIGEST), { fwid: 0xab, debug: false }],
    ['of Blackwell', TCB_INFO, sequence(tagged('a6', DIGEST)), { fwid: 0xab, debug: false }],
    [
      'with flags, not debug',
      TCB_INFO,
      sequence(tagged('a6', DIGEST), '87050080000001'),
      { fwid: 0xab, debug: false },
    ],
    [
      'with flags, debug',
      TCB_INFO,
      sequence('80014e', tagged('a6', DIGEST), '87020010'),
      { fwid: 0xab, debug: true },
    ],
    [
      'under the older name in the newer form',
      COMPOSITE,
      sequence(tagged('a6', DIGEST)),
      { fwid: 0xab, debug: false },
    ],
    ['absent', '1.2.3', '0500', undefined],
  ])('%s', (_, id, content, expected) => {
    expect(identityIn(id, content)).toEqual(expected)
  })

  test.each([
    ['no sequence', COMPOSITE, '0500', 'tag_unexpected'],
    ['another version', COMPOSITE, sequence('020102', KEY, DIGEST), 'version_unsupported'],
    ['no digest', COMPOSITE, sequence('020101', KEY), 'truncated'],
    [
      'two digests in the older form',
      COMPOSITE,
      sequence('020101', KEY, DIGEST, DIGEST),
      'trailing_bytes',
    ],
    [
      'SHA-256',
      COMPOSITE,
      sequence('020101', KEY, DIGEST.replace('0402020430', '0402010430')),
      'algorithm_unsupported',
    ],
    ['no digests in the newer form', TCB_INFO, sequence('80014e'), 'value_invalid'],
    ['an empty list of digests', TCB_INFO, sequence('a600'), 'truncated'],
    [
      'digests twice',
      TCB_INFO,
      sequence(tagged('a6', DIGEST), tagged('a6', DIGEST)),
      'tag_unexpected',
    ],
    ['fields out of order', TCB_INFO, sequence('87020010', tagged('a6', DIGEST)), 'tag_unexpected'],
    [
      'flags without bits',
      TCB_INFO,
      sequence(tagged('a6', DIGEST), '870100'),
      'bit_string_invalid',
    ],
    [
      'flags with nine unused bits',
      TCB_INFO,
      sequence(tagged('a6', DIGEST), '87020910'),
      'bit_string_invalid',
    ],
    ['bytes behind', TCB_INFO, `${sequence(tagged('a6', DIGEST))}00`, 'trailing_bytes'],
  ])('%s', (_, id, content, reason) => {
    expect(identityIn(id, content)).toEqual({ code: 'dice_extension_malformed', reason })
  })
})
