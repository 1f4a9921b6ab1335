import type { GpuAttack, RimSpec } from '@tacit/platform-dev'
import type { RimComparison } from '../../nvidia/verdict.ts'
import { DAY, NOW } from '../kit.ts'
import { nvidiaCase, withCollateral, type NvidiaCase } from './case.ts'
import { withField } from './fields.ts'
import { withBlock } from './reports.ts'

const DIGEST = new Uint8Array(48).fill(3)
const MATCHED = { status: 'matched' } as const

/** What manifests say about measurements. */
export const MANIFEST_CASES: readonly NvidiaCase[] = [
  compared('matched', 'measurements among the alternatives of both manifests', {}, [
    MATCHED,
    MATCHED,
  ]),
  compared('driver-mismatch', "a driver that is not NVIDIA's", withBlock(25, DIGEST), [
    differs(25),
    MATCHED,
  ]),
  compared('vbios-mismatch', "a VBIOS that is not NVIDIA's", withBlock(3, DIGEST), [
    MATCHED,
    differs(3),
  ]),
  compared(
    'both-mismatch',
    'neither is',
    {
      editBlocks: (blocks) => {
        for (const index of [37, 9, 1]) blocks[index] = { index: index + 1, value: DIGEST }
      },
    },
    [differs(37), differs(1, 9)],
  ),
  compared(
    'short-digest',
    "a measurement that only begins like the manifest's",
    {
      editBlocks: (blocks) => {
        const block = blocks[25]
        if (block !== undefined) blocks[25] = { ...block, value: block.value.slice(0, 47) }
      },
    },
    [differs(25), MATCHED],
  ),
  compared('nvdec0-disabled', 'another decoder that is disabled', withBlock(35, DIGEST), [
    MATCHED,
    MATCHED,
  ]),
  nvidiaCase(
    'rim-nvdec0-enabled',
    'another decoder that is enabled',
    { verdict: { nvdec0: 'enabled', rims: rims(differs(35), MATCHED) } },
    { launch: { nvdec0: 'enabled' }, attack: withBlock(35, DIGEST), edit: withCollateral },
  ),
  compared(
    'no-such-block',
    'a manifest for more measurements than the device has',
    edited((spec) => (spec.device === 'switch' ? withValue(spec, 40) : spec)),
    [{ status: 'absent' }, differs(40)],
    'LS10',
  ),
  compared(
    'floor-missing',
    'a manifest with a floor for a number that the report does not have',
    edited((spec) => (isDriver(spec) ? { ...spec, minimumSvns: new Map([[99, 1n]]) } : spec)),
    [{ status: 'mismatched', mismatches: [] }, MATCHED],
  ),
  compared('floor-reached', 'a number that reaches its floor', floor(7), [MATCHED, MATCHED]),
  compared('floor-missed', 'a number below its floor', floor(6), [
    { status: 'mismatched', mismatches: [] },
    MATCHED,
  ]),
  compared('floor-type', 'a number of another type', floor(7, 1), [
    { status: 'mismatched', mismatches: [] },
    MATCHED,
  ]),
  compared(
    'other-version',
    'a driver manifest for another version',
    edited((spec) => (isDriver(spec) ? { ...spec, version: '550.144.04' } : spec)),
    [{ status: 'absent' }, MATCHED],
  ),
  compared(
    'other-chip',
    'a VBIOS manifest for another chip',
    edited((spec) => (isDriver(spec) ? spec : { ...spec, product: 'GB100' })),
    [MATCHED, { status: 'absent' }],
  ),
  compared(
    'other-kind',
    'a manifest for switches of a chip of that name',
    edited((spec) => ({ ...spec, device: 'switch' })),
    [{ status: 'absent' }, { status: 'absent' }],
  ),
  nvidiaCase(
    'rim-chip-of-report',
    'a manifest for the chip that the report names, not the certificate',
    { verdict: { rims: rims(MATCHED, MATCHED) } },
    {
      launch: { architecture: 'Blackwell' },
      attack: {
        ...edited((spec) => ({ ...spec, product: 'GB102' })),
        ...withField(35, new TextEncoder().encode('GB102\0')),
      },
      edit: withCollateral,
    },
  ),
  nvidiaCase(
    'rim-overlap',
    'driver and VBIOS that claim the same measurement',
    { code: 'golden_overlap', index: 3 },
    {
      attack: edited((spec) => (isDriver(spec) ? withValue(spec, 3) : spec)),
      edit: withCollateral,
    },
  ),
  nvidiaCase(
    'rim-several',
    'two manifests of one version, of which the second matches',
    { verdict: { rims: rims(MATCHED, MATCHED) } },
    {
      edit: (input, device) => ({
        ...input,
        rims: [...device.attack(edited((spec) => withValue(spec, 50))).rims(), ...device.rims()],
      }),
    },
  ),
  nvidiaCase(
    'rim-none-matches',
    'two manifests of one version, of which none matches',
    { verdict: { rims: rims(differs(50), MATCHED) } },
    {
      edit: (input, device) => ({
        ...input,
        rims: [50, 51].flatMap((index) =>
          device.attack(edited((spec) => (isDriver(spec) ? withValue(spec, index) : spec))).rims(),
        ),
      }),
    },
  ),
  nvidiaCase(
    'rim-expired',
    'a manifest whose signer has expired',
    { code: 'certificate_expired', certificate: 'rim_signer' },
    {
      attack: { rim: { certificates: { rim_signer: { notAfter: NOW - DAY } } } },
      edit: withCollateral,
    },
  ),
  nvidiaCase(
    'rim-forged',
    'a manifest that its CA signed, not its signer',
    { code: 'rim_signature_invalid' },
    { attack: { rim: { signers: { document: 'rim_issuing_ca' } } }, edit: withCollateral },
  ),
  nvidiaCase(
    'rim-malformed',
    'a manifest that is no XML',
    { code: 'rim_xml_malformed' },
    { edit: (input) => ({ ...input, rims: [DIGEST] }) },
  ),
  nvidiaCase(
    'rim-untrusted',
    'a manifest under a root for devices alone',
    { code: 'root_untrusted', chain: 'rim' },
    {
      edit: (input, device) => ({ ...input, rims: device.rims(), roots: input.roots.slice(0, 1) }),
    },
  ),
]

type Expected =
  | { readonly status: 'absent' | 'matched' }
  | { readonly status: 'mismatched'; readonly mismatches: readonly number[] }

function compared(
  name: string,
  what: string,
  attack: GpuAttack,
  [driver, vbios]: readonly [driver: Expected, vbios: Expected],
  architecture: 'Hopper' | 'LS10' = 'Hopper',
): NvidiaCase {
  const expected = { verdict: { rims: rims(driver, vbios) } }
  return nvidiaCase(`rim-${name}`, what, expected, {
    launch: { architecture },
    attack,
    edit: withCollateral,
  })
}

/** Manifests have names that do not matter here. */
function rims(driver: Expected, vbios: Expected) {
  return { driver: driver as RimComparison, vbios: vbios as RimComparison }
}

function differs(...mismatches: readonly number[]): Expected {
  return { status: 'mismatched', mismatches }
}

function edited(editRim: (spec: RimSpec) => RimSpec): GpuAttack {
  return { editRim }
}

function isDriver({ version }: RimSpec): boolean {
  return version.split('.').length < 5
}

function withValue(spec: RimSpec, index: number): RimSpec {
  return { ...spec, values: new Map([...spec.values, [index, [DIGEST]]]) }
}

/** A report with a security version in its opaque data, whose floor is 7. */
function floor(value: number, valueType = 0x87): GpuAttack {
  return {
    ...edited((spec) => (isDriver(spec) ? { ...spec, minimumSvns: new Map([[99, 7n]]) } : spec)),
    editFields: (fields) => {
      for (const [at, field] of fields.entries()) fields[at] = { ...field, valueType: 1 }
      fields.push({ type: 99, value: Uint8Array.of(value, 0), valueType })
    },
  }
}
