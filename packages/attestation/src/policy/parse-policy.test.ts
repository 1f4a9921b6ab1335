import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { utf8 } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { isValid, withoutAnnotations } from '../testing/json-schema.ts'
import type { Json } from '../verdict-json.ts'
import { parsePolicy, POLICY_SCHEMA } from './parse-policy.ts'
import { PRODUCTION_POLICY } from './presets.ts'
import { FULL_POLICY } from '../testing/full-policy.ts'

const SCHEMA_FILE = join(import.meta.dirname, '../../policy.schema.json')

function parse(policy: unknown) {
  return parsePolicy(utf8(JSON.stringify(policy)))
}

function dcap(section: object): object {
  return { ...PRODUCTION_POLICY, dcap: { statuses: [], ...section } }
}

function sevSnp(section: object): object {
  return { ...PRODUCTION_POLICY, sevSnp: { families: [], ...section } }
}

function nvidia(section: object): object {
  const rims = { driver: [], vbios: [] }
  return { ...PRODUCTION_POLICY, nvidia: { architectures: [], rims, ...section } }
}

test('a policy with every field is read as it stands', () => {
  expect(parse(FULL_POLICY)).toEqual({ ok: true, value: FULL_POLICY })
})

test('a name may have characters that this engine does not know yet: others would', () => {
  expect(parse({ ...PRODUCTION_POLICY, name: 'a\u0378' })).toMatchObject({ ok: true })
})

describe('what is no policy', () => {
  test.each<[string, unknown, string, string]>([
    ['no object', [], 'value_invalid', ''],
    ['null', null, 'value_invalid', ''],
    ['an unknown field', { ...PRODUCTION_POLICY, rootz: [] }, 'unknown', 'rootz'],
    ['an unknown rule', dcap({ ppid: [] }), 'unknown', 'dcap.ppid'],
    ['a prototype in disguise', JSON.parse('{"__proto__":1}'), 'unknown', '__proto__'],
    [
      'an unknown measurement',
      sevSnp({ measurements: [{ mrTd: '' }] }),
      'unknown',
      'sevSnp.measurements[0].mrTd',
    ],
    ['no name', { ...PRODUCTION_POLICY, name: undefined }, 'missing', 'name'],
    ['no roots', { ...PRODUCTION_POLICY, roots: undefined }, 'missing', 'roots'],
    ['no word on debuggers', { ...PRODUCTION_POLICY, debug: undefined }, 'missing', 'debug'],
    ['no statuses', dcap({ statuses: undefined }), 'missing', 'dcap.statuses'],
    ['no families', sevSnp({ families: undefined }), 'missing', 'sevSnp.families'],
    ['no architectures', nvidia({ architectures: undefined }), 'missing', 'nvidia.architectures'],
    ['no word on manifests', nvidia({ rims: { driver: [] } }), 'missing', 'nvidia.rims.vbios'],
    ['an empty name', { ...PRODUCTION_POLICY, name: '' }, 'value_invalid', 'name'],
    ['control characters', { ...PRODUCTION_POLICY, name: 'a\nb' }, 'value_invalid', 'name'],
    ['a line separator', { ...PRODUCTION_POLICY, name: 'a\u2028b' }, 'value_invalid', 'name'],
    ['a turn of direction', { ...PRODUCTION_POLICY, name: 'a\u202eb' }, 'value_invalid', 'name'],
    ['half a character', { ...PRODUCTION_POLICY, name: 'a\ud800' }, 'value_invalid', 'name'],
    ['a number for a flag', { ...PRODUCTION_POLICY, debug: 0 }, 'value_invalid', 'debug'],
    ['upper-case hex', dcap({ fmspcs: ['00A067110000'] }), 'value_invalid', 'dcap.fmspcs[0]'],
    ['short hex', dcap({ ppids: ['00'] }), 'value_invalid', 'dcap.ppids[0]'],
    [
      'hex with a prefix',
      { ...PRODUCTION_POLICY, roots: [`0x${'0'.repeat(62)}`] },
      'value_invalid',
      'roots[0]',
    ],
    ['NotSupported', dcap({ statuses: ['NotSupported'] }), 'value_invalid', 'dcap.statuses[0]'],
    ['an unknown TEE', { ...PRODUCTION_POLICY, tees: ['tpm'] }, 'value_invalid', 'tees[0]'],
    [
      'a negative age',
      { ...PRODUCTION_POLICY, maxEvidenceAgeSeconds: -1 },
      'value_invalid',
      'maxEvidenceAgeSeconds',
    ],
    ['a broken number', dcap({ minimumPceSvn: 1.5 }), 'value_invalid', 'dcap.minimumPceSvn'],
    [
      '15 SVNs',
      dcap({ minimumTeeTcbSvn: Array(15).fill(0) }),
      'value_invalid',
      'dcap.minimumTeeTcbSvn',
    ],
    ['17 SVNs', dcap({ minimumTeeTcbSvn: Array(17).fill(0) }), 'too_many', 'dcap.minimumTeeTcbSvn'],
    [
      'a measurement of no TEE',
      dcap({ measurements: [{}] }),
      'missing',
      'dcap.measurements[0].tee',
    ],
    [
      'one of another',
      dcap({ measurements: [{ tee: 'sev-snp' }] }),
      'value_invalid',
      'dcap.measurements[0].tee',
    ],
    [
      'fields of another',
      dcap({ measurements: [{ tee: 'sgx', mrTd: '' }] }),
      'unknown',
      'dcap.measurements[0].mrTd',
    ],
    ['an unknown family', sevSnp({ families: ['Naples'] }), 'value_invalid', 'sevSnp.families[0]'],
    [
      'a floor of an unknown family',
      sevSnp({ minimumTcb: { Rome: {} } }),
      'unknown',
      'sevSnp.minimumTcb.Rome',
    ],
    [
      'a floor of an unknown part',
      sevSnp({ minimumTcb: { Genoa: { ucode: 1 } } }),
      'unknown',
      'sevSnp.minimumTcb.Genoa.ucode',
    ],
    [
      'the debug flag',
      sevSnp({ guestPolicy: { debugAllowed: true } }),
      'unknown',
      'sevSnp.guestPolicy.debugAllowed',
    ],
    [
      'an advisory without floors',
      sevSnp({ deniedAdvisories: ['AMD-SB-1'] }),
      'value_invalid',
      'sevSnp.deniedAdvisories[0]',
    ],
    ['a level of no guest', sevSnp({ vmpls: [4] }), 'value_invalid', 'sevSnp.vmpls[0]'],
    ['no version', sevSnp({ minimumFirmware: '1.x' }), 'value_invalid', 'sevSnp.minimumFirmware'],
    [
      'no driver version',
      nvidia({ minimumDriverVersion: '550.' }),
      'value_invalid',
      'nvidia.minimumDriverVersion',
    ],
    [
      'no VBIOS version',
      nvidia({ minimumVbiosVersions: { Hopper: 'G' } }),
      'value_invalid',
      'nvidia.minimumVbiosVersions.Hopper',
    ],
    ['half a serial', nvidia({ ueids: ['0'] }), 'value_invalid', 'nvidia.ueids[0]'],
  ])('%s', (_, policy, reason, path) => {
    expect(parse(policy)).toEqual({ ok: false, error: { code: 'policy_malformed', reason, path } })
  })

  test.each([
    ['no JSON', '{', 'not_json'],
    ['no UTF-8', '\xff', 'not_utf8'],
    ['too deep', '['.repeat(100), 'too_deep'],
    ['a field twice', '{"name":"a","roots":[],"debug":false,"debug":true}', 'name_duplicate'],
    [
      'a field twice inside',
      '{"name":"a","roots":[],"debug":true,"sevSnp":{"families":[],"families":[]}}',
      'name_duplicate',
    ],
  ])('%s', (_, text, reason) => {
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0))
    expect(parsePolicy(bytes)).toMatchObject({ ok: false, error: { reason, path: '' } })
  })

  test('a name has at most 64 code points', () => {
    for (const [name, isAccepted] of [
      ['\u{1f980}'.repeat(64), true],
      ['\u{1f980}'.repeat(65), false],
      ['a'.repeat(65), false],
    ] as const) {
      const policy = { name, roots: [], debug: false }
      expect(parse(policy).ok).toBe(isAccepted)
      expect(isValid(POLICY_SCHEMA, policy)).toBe(isAccepted)
    }
  })

  test('colons and quotes in texts are not fields', () => {
    expect(parse({ name: 'a:"b\\":', roots: [], debug: false }).ok).toBe(true)
  })

  test('more than 256 KiB', () => {
    const bytes = new Uint8Array(256 * 1024 + 1).fill(0x20)
    expect(parsePolicy(bytes)).toMatchObject({ error: { reason: 'too_long' } })
  })
})

describe('the schema', () => {
  const file: Json = JSON.parse(readFileSync(SCHEMA_FILE, 'utf8'))

  test('in the file is what the parser reads, with words for people', () => {
    expect(withoutAnnotations(file)).toEqual(POLICY_SCHEMA)
  })

  test('describes every field', () => {
    const missing: string[] = []
    visit(file, '', missing)
    expect(missing).toEqual([])
  })

  test('takes policies and refuses others', () => {
    for (const policy of [PRODUCTION_POLICY, FULL_POLICY])
      expect(isValid(POLICY_SCHEMA, policy)).toBe(true)
    expect(isValid(POLICY_SCHEMA, { ...FULL_POLICY, extra: 1 })).toBe(false)
  })

  function visit(schema: Json, path: string, missing: string[]): void {
    if (typeof schema !== 'object' || schema === null) return
    if (!Array.isArray(schema) && 'properties' in schema) {
      for (const [name, one] of Object.entries(schema['properties'] ?? {})) {
        const isDescribed = typeof one === 'object' && one !== null && 'description' in one
        if (!isDescribed) missing.push(`${path}.${name}`)
      }
    }
    for (const [name, one] of Object.entries(schema)) visit(one as Json, `${path}.${name}`, missing)
  }
})
