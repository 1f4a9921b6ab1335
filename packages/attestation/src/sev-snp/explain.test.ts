import { unwrap } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { explainError, explainVerdict } from '../explain.ts'
import { NOW, verify } from '../testing/kit.ts'
import { amdOf, snp } from '../testing/snp-kit.ts'
import { verdictToJson } from '../verdict-json.ts'
import { decideSnp, type SnpInput } from './verify.ts'

function lines(input: SnpInput): readonly string[] {
  return explainVerdict(unwrap(decideSnp(input, verify)))
}

describe('explainVerdict', () => {
  test('an honest guest', () => {
    const input = snp()
    const [fingerprint, chip] = [amdOf().root.fingerprint, amdOf().chip.hwid].map((bytes) =>
      Buffer.from(bytes.subarray(0, 8)).toString('hex'),
    )
    expect(lines(input)).toEqual([
      'AMD SEV-SNP guest on Genoa, report version 3; 4 signatures verified',
      `vouched for by ${amdOf().root.name} (${fingerprint})`,
      'platform   bootloader 10, tee 1, snp 27, microcode 224; firmware 1.55.40',
      `measured   ${'09'.repeat(48)}`,
      `reportData ${Buffer.from(Array.from({ length: 64 }, (_, at) => at)).toString('hex')}`,
      'level      VMPL 0, guest SVN 0',
      'debug      no',
      `processor  Genoa-B1, chip ${chip}; signed by a key of the chip`,
      'revocation none known, by a list that speaks until 2026-07-01T00:00:00Z',
      'valid      2026-05-31T00:00:00Z to 2026-07-01T00:00:00Z, checked for 2026-06-01T00:00:00Z',
    ])
  })

  test('whatever deviates is said', () => {
    const current = { fmc: 2, bootloader: 2, tee: 2, snp: 5, microcode: 9 }
    const reported = { ...current, snp: 4 }
    const launch = {
      signingKey: 'vlek',
      debug: true,
      migration: true,
      platformInfo: 0,
      hostData: new Uint8Array(32).fill(1),
      idKeyDigest: new Uint8Array(48).fill(2),
      authorKeyDigest: new Uint8Array(48).fill(3),
    } as const
    const platform = amdOf({ family: 'Turin' }).attack({
      tcbs: { reported, committed: reported, current, launch: current },
      editReport: (report) => {
        report[0x0b] = 0x80
        report[0x41] = 1
      },
    })
    const input = snp(platform, launch)
    const text = lines({ ...input, collateral: { ...input.collateral, crl: undefined } })
    expect(text).toEqual(
      expect.arrayContaining([
        'platform   fmc 2, bootloader 2, tee 2, snp 4, microcode 9; firmware 1.55.40',
        'current    fmc 2, bootloader 2, tee 2, snp 5, microcode 9',
        'launch     fmc 2, bootloader 2, tee 2, snp 5, microcode 9',
        'advisories AMD-SB-3015',
        `hostData   ${'01'.repeat(32)}`,
        `ID key     ${'02'.repeat(48)}`,
        `author key ${'03'.repeat(48)}`,
        'debug      YES: its memory is open to its host',
        'migration  YES: an agent of its host may read and move it',
        'unknown    policy bits 31',
        'unknown    platform information bits 8',
        'processor  Turin, a chip that its host does not name; ' +
          'signed by a key lent to CN=cc-development.tacit.example',
        'revocation not known: no revocation list was given',
      ]),
    )
    expect(text.some((line) => line.startsWith('committed'))).toBe(false)
  })
})

test('explainError says what is known', () => {
  const expired = amdOf().attack({ crlWindow: { from: NOW - 10, until: NOW - 1 } })
  const result = decideSnp(snp(expired), verify)
  expect(result.ok ? '' : explainError(result.error)).toBe(
    'collateral_expired: crl is valid from 2026-05-31T23:59:50Z to 2026-05-31T23:59:59Z; ' +
      'all of it from 2026-05-31T23:59:50Z to 2026-05-31T23:59:59Z',
  )
  const error = { code: 'tcb_mismatch', component: 'snp' } as const
  expect(explainError(error)).toBe('tcb_mismatch component=snp')
})

test('verdictToJson writes bytes in hex and leaves out what is not there', () => {
  const json = verdictToJson(unwrap(decideSnp(snp(), verify)))
  expect(json).toMatchObject({
    tee: 'sev-snp',
    measurement: '09'.repeat(48),
    tcb: { reported: { bootloader: 10, tee: 1, snp: 27, microcode: 224 } },
    platformInfo: { aliasCheckComplete: true, unknownBits: [] },
  })
  expect(JSON.stringify(json)).not.toContain('mitigations')
  expect(JSON.stringify(json)).not.toContain('fmc')
})
