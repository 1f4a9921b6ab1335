import {
  createDevAmd,
  type DevAmd,
  type DevAmdOptions,
  type GuestLaunch,
} from '@tacit/platform-dev'
import type { SnpInput } from '../sev-snp/verify.ts'
import { NOW, REPORT_DATA } from './kit.ts'

const SEED = new Uint8Array(32).fill(7)
export const MEASUREMENT: Uint8Array = new Uint8Array(48).fill(9)

const platforms = new Map<string, DevAmd>()

/** A platform of a family; the same one for the same options, since its keys take a while. */
export function amdOf(options: Partial<DevAmdOptions> = {}): DevAmd {
  const name = JSON.stringify(options)
  const platform = platforms.get(name) ?? createDevAmd({ seed: SEED, now: NOW, ...options })
  platforms.set(name, platform)
  return platform
}

/** Evidence of a guest on a platform, with that platform's collateral and root. */
export function snp(platform: DevAmd = amdOf(), launch: Partial<GuestLaunch> = {}): SnpInput {
  const { signingKey = 'vcek' } = launch
  const guest = platform.launchGuest({ measurement: MEASUREMENT, ...launch })
  return {
    report: guest.report(REPORT_DATA),
    collateral: platform.collateral({ signingKey }),
    roots: [platform.root],
    now: NOW,
  }
}
