import type { SnpFamily } from './family.ts'
import type { SnpPlatformInfo } from './platform-info.ts'
import { findTcbBelow, type SnpTcb } from './tcb.ts'
import type { SnpVerdict } from './verdict.ts'

/** A weakness that AMD published, and what a report must show for it to be closed. */
export interface SnpAdvisory {
  /** AMD's own number. */
  readonly id: string
  readonly cve: string
  readonly title: string
  /** Least patch levels by family; a family that is not there has none on record here. */
  readonly floors: Partial<Readonly<Record<SnpFamily, Partial<SnpTcb>>>>
  /** What PLATFORM_INFO must say, whatever the family. */
  readonly platformInfo: readonly Exclude<keyof SnpPlatformInfo, 'unknownBits'>[]
}

/**
 * AMD's advisories as floors for policies, oldest first; far from all that AMD published.
 * Sources: AMD-SB-3015 and AMD-SB-3019 with microsoft/CCF #6812 for the floors of SNP; AMD-SB-3020
 * and AMD-SB-3027 as public reviews of Genoa platforms quote them, which is why only Genoa has a
 * floor there.
 */
export const SNP_ADVISORIES: readonly SnpAdvisory[] = [
  {
    id: 'AMD-SB-3015',
    cve: 'CVE-2024-21944',
    title: 'memory modules that lie about their size (BadRAM)',
    floors: {},
    platformInfo: ['aliasCheckComplete'],
  },
  {
    id: 'AMD-SB-3019',
    cve: 'CVE-2024-56161',
    title: 'microcode that the host forged (EntrySign)',
    floors: { Milan: { snp: 0x18 }, Genoa: { snp: 0x17 } },
    platformInfo: [],
  },
  {
    id: 'AMD-SB-3020',
    cve: 'CVE-2025-0033',
    title: 'writes to the reverse map table while it is set up (RMPocalypse)',
    floors: { Genoa: { snp: 0x1b } },
    platformInfo: [],
  },
  {
    id: 'AMD-SB-3027',
    cve: 'CVE-2025-29943',
    title: 'a stack pointer that a sibling thread moves (StackWarp)',
    floors: { Genoa: { microcode: 0x56 } },
    platformInfo: [],
  },
]

/** The advisories that a platform, by its reported TCB and its configuration, still has open. */
export function findOpenAdvisories({
  family,
  tcb,
  platformInfo,
}: Pick<SnpVerdict, 'family' | 'tcb' | 'platformInfo'>): readonly string[] {
  const isOpen = ({ floors, platformInfo: required }: SnpAdvisory): boolean =>
    findTcbBelow(tcb.reported, floors[family] ?? {}) !== undefined ||
    required.some((name) => !platformInfo[name])
  return SNP_ADVISORIES.filter(isOpen).map(({ id }) => id)
}
