import { utf8 } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { tdx } from '../testing/kit.ts'
import { parseQeIdentity } from './qe-identity.ts'
import { parseTcbInfo } from './tcb-info.ts'

type Path = readonly (string | number)[]

const info: unknown = JSON.parse(new TextDecoder().decode(tdx().collateral.tcbInfo))
const identity: unknown = JSON.parse(new TextDecoder().decode(tdx().collateral.qeIdentity))
const LEVEL = ['tcbLevels', 0]
const SGX = [...LEVEL, 'tcb', 'sgxtcbcomponents']
const MODULE = ['tdxModuleIdentities', 0]

/** A copy of a document with one value replaced; undefined removes it. */
function edited(document: unknown, path: Path, value: unknown): Uint8Array {
  const copy = structuredClone(document)
  let target = copy as Record<string | number, unknown>
  for (const step of path.slice(0, -1)) target = target[step] as Record<string | number, unknown>
  const last = path.at(-1) ?? ''
  if (value === undefined) delete target[last]
  else target[last] = value
  return utf8(JSON.stringify(copy))
}

function pathText(path: Path): string {
  return path.reduce<string>(
    (text, step) =>
      typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`,
    '',
  )
}

const REQUIRED: readonly Path[] = [
  ['id'],
  ['version'],
  ['issueDate'],
  ['nextUpdate'],
  ['fmspc'],
  ['pceId'],
  ['tcbType'],
  ['tcbEvaluationDataNumber'],
  ['tdxModule'],
  ['tdxModule', 'mrsigner'],
  ['tdxModule', 'attributes'],
  ['tcbLevels'],
  [...LEVEL, 'tcb'],
  [...LEVEL, 'tcbDate'],
  [...LEVEL, 'tcbStatus'],
  [...LEVEL, 'tcb', 'pcesvn'],
  [...LEVEL, 'tcb', 'tdxtcbcomponents'],
  SGX,
  [...SGX, 0, 'svn'],
  [...MODULE, 'id'],
  [...MODULE, 'mrsigner'],
  [...MODULE, 'tcbLevels'],
  [...MODULE, 'tcbLevels', 0, 'tcb', 'isvsvn'],
]

describe('TCB info', () => {
  test.each(REQUIRED.map((path) => [pathText(path), path] as const))('needs %s', (path, steps) => {
    const parsed = parseTcbInfo(edited(info, steps, undefined))
    expect(parsed).toEqual({
      ok: false,
      error: { code: 'tcb_info_malformed', reason: 'missing', path },
    })
  })

  const component = { svn: 1 }
  const INVALID: readonly [Path, unknown][] = [
    [['id'], 'TDX2'],
    [['version'], '3'],
    [['version'], 3.5],
    [['issueDate'], '2026-06-01'],
    [['fmspc'], '0x7ac1700000'],
    [['fmspc'], '7ac1700000'],
    [['fmspc'], '7ac17000000000'],
    [['pceId'], 'zz00'],
    [['tcbEvaluationDataNumber'], -1],
    [['tcbEvaluationDataNumber'], 2 ** 32],
    [['tcbLevels'], []],
    [['tcbLevels'], {}],
    [SGX, Array.from({ length: 15 }, () => component)],
    [[...SGX, 3], 7],
    [[...SGX, 3, 'svn'], 65536],
    [[...SGX, 3, 'svn'], -1],
    [[...SGX, 3, 'svn'], null],
    [[...LEVEL, 'tcb', 'pcesvn'], 65536],
    [[...LEVEL, 'tcb', 'tdxtcbcomponents'], Array.from({ length: 15 }, () => component)],
    [[...LEVEL, 'tcbStatus'], 'NotSupported'],
    [[...LEVEL, 'tcbStatus'], 'uptodate'],
    [[...LEVEL, 'advisoryIDs'], 'INTEL-SA-1'],
    [[...MODULE, 'mrsigner'], '00'],
    [[...MODULE, 'tcbLevels'], []],
    [[...MODULE, 'tcbLevels', 0, 'tcb', 'isvsvn'], 256],
    [[...MODULE, 'tcbLevels', 0, 'tcbStatus'], 'SWHardeningNeeded'],
  ]

  test.each(INVALID.map(([path, value]) => [pathText(path), value, path] as const))(
    '%s is not %j',
    (path, value, steps) => {
      const error = { code: 'tcb_info_malformed', reason: 'value_invalid', path }
      expect(parseTcbInfo(edited(info, steps, value))).toEqual({ ok: false, error })
    },
  )

  test('17 components, 257 levels are too many', () => {
    const many = Array.from({ length: 17 }, () => component)
    expect(parseTcbInfo(edited(info, SGX, many))).toMatchObject({ error: { reason: 'too_many' } })
    const levels = Array.from({ length: 257 }, () => component)
    const parsed = parseTcbInfo(edited(info, ['tcbLevels'], levels))
    expect(parsed).toMatchObject({ error: { reason: 'too_many', path: 'tcbLevels' } })
  })

  test('a name that stands twice is refused, however it is written', () => {
    const text = new TextDecoder().decode(utf8(JSON.stringify(info)))
    const twice = [
      text.replace('"tcbType":0', '"tcbType":0,"tcbType":0'),
      text.replace('"tcbType":0', String.raw`"tcbType":0,"\u0074cbType":1`),
      text.replace('"pcesvn":13', '"pcesvn":13,"pcesvn":0'),
      text.replace('"version":3', '"version":3,"x":{"__proto__":1,"__proto__":2}'),
    ]
    for (const document of twice) {
      expect(document).not.toBe(text)
      const error = { code: 'tcb_info_malformed', reason: 'name_duplicate', path: '' }
      expect(parseTcbInfo(utf8(document))).toEqual({ ok: false, error })
    }
    const colons = text.replace(
      '"version":3',
      String.raw`"version":3,"a:\":\\":":","b":[{"a":":"},{"a":1}]`,
    )
    expect(parseTcbInfo(utf8(colons)).ok).toBe(true)
  })

  test('levels that differ in one component only are two levels', () => {
    const { tcbLevels } = info as { tcbLevels: { tcb: { tdxtcbcomponents: object[] } }[] }
    const [level] = structuredClone(tcbLevels)
    if (level === undefined) throw new Error('no level')
    const parsed = parseTcbInfo(edited(info, ['tcbLevels'], [level, level]))
    expect(parsed).toMatchObject({ error: { reason: 'value_invalid', path: 'tcbLevels' } })
    const lower = structuredClone(level)
    lower.tcb.tdxtcbcomponents[15] = { svn: 7 }
    const sorted = parseTcbInfo(edited(info, ['tcbLevels'], [level, lower]))
    expect(sorted.ok && sorted.value.levels.map(({ tdxSvns }) => tdxSvns[15])).toEqual([7, 0])
  })

  test('component names are short texts or absent', () => {
    const name = [...SGX, 0, 'category']
    expect(parseTcbInfo(edited(info, name, undefined)).ok).toBe(true)
    for (const value of [7, 'x'.repeat(65)]) {
      const error = { code: 'tcb_info_malformed', reason: 'value_invalid', path: pathText(name) }
      expect(parseTcbInfo(edited(info, name, value))).toEqual({ ok: false, error })
    }
  })

  test('two identities of one module are refused', () => {
    const { tdxModuleIdentities } = info as { tdxModuleIdentities: object[] }
    const [first] = tdxModuleIdentities
    const twice = [first, { ...first, id: 'tdx_01' }]
    const parsed = parseTcbInfo(edited(info, ['tdxModuleIdentities'], twice))
    expect(parsed).toMatchObject({
      error: { reason: 'value_invalid', path: 'tdxModuleIdentities[1]' },
    })
  })

  test('fields that are not known are left alone', () => {
    expect(parseTcbInfo(edited(info, ['future'], { any: [1, 2.5, null] })).ok).toBe(true)
  })
})

describe('QE identity', () => {
  const fields = Object.keys(identity as object).filter((field) => field !== 'version')

  test.each(fields)('needs %s', (path) => {
    const error = { code: 'qe_identity_malformed', reason: 'missing', path }
    expect(parseQeIdentity(edited(identity, [path], undefined))).toEqual({ ok: false, error })
  })

  test.each([
    ['id', 'XE'],
    ['miscselect', '000000'],
    ['attributes', '11'],
    ['mrsigner', ''],
    ['isvprodid', 65536],
    ['tcbLevels', []],
  ])('%s is not %j', (path, value) => {
    const error = { code: 'qe_identity_malformed', reason: 'value_invalid', path }
    expect(parseQeIdentity(edited(identity, [path], value))).toEqual({ ok: false, error })
  })
})
