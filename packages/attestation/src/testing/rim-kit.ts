import { native } from '@tacit/crypto/native'
import {
  createDevRimAuthority,
  type DevRimAuthority,
  type RimAttack,
  type RimSpec,
} from '@tacit/platform-dev'
import type { RimInput } from '../nvidia/rim/rim.ts'
import { NVIDIA_ROOTS } from '../nvidia/roots.ts'
import { NOW } from './kit.ts'

export const rimAuthority: DevRimAuthority = createDevRimAuthority(new Uint8Array(32).fill(7))
const digest = (fill: number): Uint8Array => new Uint8Array(48).fill(fill)

/** What the authority says about a driver. */
export const DRIVER: RimSpec = {
  version: '550.144.03',
  values: new Map([
    [7, [digest(1)]],
    [8, [digest(2), digest(3)]],
  ]),
  minimumSvns: new Map([[37, 5n]]),
}

/** A manifest under the authority's root or NVIDIA's. */
export function rimInput(rim: Uint8Array): RimInput {
  return { rim, roots: [rimAuthority.root, ...NVIDIA_ROOTS], now: NOW, hashes: native.hashes }
}

/** The driver's manifest with a deviation, under the root that it then has. */
export function attackedRim(attack: RimAttack): RimInput {
  const attacked = rimAuthority.attack(attack)
  return { ...rimInput(attacked.writeRim(DRIVER)), roots: [attacked.root] }
}
