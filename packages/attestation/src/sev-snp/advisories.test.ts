import { unwrap } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { PRODUCTION_POLICY } from '../policy/presets.ts'
import { verify } from '../testing/kit.ts'
import { amdOf, snp } from '../testing/snp-kit.ts'
import { findOpenAdvisories, SNP_ADVISORIES } from './advisories.ts'
import { SNP_FAMILIES, type SnpFamily } from './family.ts'
import { TCB_COMPONENTS, type SnpTcb } from './tcb.ts'
import { decideSnp } from './verify.ts'

function open(family: SnpFamily, tcb: Partial<SnpTcb>, platformInfo = 0x20): readonly string[] {
  const platform = amdOf({ family, tcb: { ...tcb, fmc: tcb.fmc ?? 1 } })
  return findOpenAdvisories(unwrap(decideSnp(snp(platform, { platformInfo }), verify)))
}

describe('findOpenAdvisories', () => {
  test('an up-to-date platform has none', () => {
    for (const family of SNP_FAMILIES) expect(open(family, {})).toEqual([])
  })

  test('without the alias check, BadRAM is open', () => {
    expect(open('Turin', {}, 0xdf)).toEqual(['AMD-SB-3015'])
  })

  test('each floor is exact', () => {
    for (const { id, floors } of SNP_ADVISORIES) {
      for (const family of SNP_FAMILIES) {
        const floor: Partial<SnpTcb> = floors[family] ?? {}
        for (const component of TCB_COMPONENTS) {
          const least = floor[component]
          if (least === undefined) continue
          expect(open(family, { [component]: least })).not.toContain(id)
          expect(open(family, { [component]: least - 1 })).toContain(id)
        }
      }
    }
  })

  test('the production policy denies all of them', () => {
    const ids = SNP_ADVISORIES.map(({ id }) => id)
    expect(PRODUCTION_POLICY.sevSnp?.deniedAdvisories).toEqual(ids)
  })

  test('the floors on record', () => {
    expect(open('Milan', { snp: 0x17 })).toEqual(['AMD-SB-3019'])
    expect(open('Genoa', { snp: 0x16 })).toEqual(['AMD-SB-3019', 'AMD-SB-3020'])
    expect(open('Genoa', { microcode: 0x55 })).toEqual(['AMD-SB-3027'])
    expect(open('Turin', { snp: 0, microcode: 0 })).toEqual([])
  })
})
