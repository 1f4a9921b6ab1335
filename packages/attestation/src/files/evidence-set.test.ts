import { bytesToHex, utf8 } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { honest } from '../testing/kit.ts'
import { amdOf, MEASUREMENT } from '../testing/snp-kit.ts'
import { assembleEvidence } from './evidence-set.ts'

const report = amdOf().launchGuest({ measurement: MEASUREMENT }).report(new Uint8Array(64))
const { endorsement, crl } = amdOf().collateral()
const REPORT = { name: 'report', bytes: report }
const VCEK = { name: 'vcek', bytes: endorsement }
const LIST = { name: 'list', bytes: crl }
const KEYS = { name: 'keys', bytes: utf8('{"keys":[]}') }

function bundle(own?: Uint8Array) {
  const list = own && { crl: bytesToHex(own) }
  const text = { report: bytesToHex(report), vcek: bytesToHex(endorsement), ...list }
  return { name: 'bundle', bytes: utf8(JSON.stringify(text)) }
}

function conflictOf(...files: Parameters<typeof assembleEvidence>[0]): unknown {
  const set = assembleEvidence(files)
  return set.ok ? undefined : set.error
}

describe('a revocation list', () => {
  test.each([
    ['a report', [REPORT, VCEK]],
    ['a bundle that has none', [bundle()]],
  ])('counts beside %s', (_, files) => {
    expect(assembleEvidence([...files, LIST])).toMatchObject({
      value: { type: 'snp', collateral: { crl } },
    })
  })

  test('counts once', () => {
    const first = { name: 'first', bytes: crl }
    expect(conflictOf(REPORT, VCEK, first, LIST)).toEqual({
      code: 'files_conflicting',
      file: 'list',
      type: 'crl',
    })
  })

  const unread = { code: 'file_unread', file: 'list', type: 'crl' }
  test.each([
    ['a bundle that has one', [bundle(crl)]],
    [
      'a quote, whose collateral has its own',
      [
        {
          name: 'quote',
          bytes: honest.launchTd({ image: MEASUREMENT, role: 'x' }).quote(new Uint8Array(64)),
        },
      ],
    ],
  ])('that nothing would read is refused beside %s', (_, files) => {
    expect(conflictOf(...files, LIST)).toEqual(unread)
  })

  test('alone vouches for nothing', () => {
    expect(conflictOf(LIST)).toEqual({ code: 'evidence_missing' })
  })
})

describe('a file that nothing would read', () => {
  test.each([
    ['certificates beside a bundle, which has its own', [bundle(), VCEK], 'vcek', 'certificates'],
    ['keys of a service beside a report', [REPORT, VCEK, KEYS], 'keys', 'key_set'],
  ])('is refused: %s', (_, files, file, type) => {
    expect(conflictOf(...files)).toEqual({ code: 'file_unread', file, type })
  })
})
