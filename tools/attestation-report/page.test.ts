import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { err, ok } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { createVerifier, evidenceFolder } from '../../packages/attestation/src/testing/kit.ts'
import { outcomeText } from './outcome.ts'
import { createRunner, MARK, renderPage, renderReal, renderSynthetic } from './page.ts'
import { listRealSections } from './real-cases.ts'
import { listSyntheticSections } from './synthetic-cases.ts'
import { renderTable, words } from './table.ts'

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/attestation.md'), 'utf8')

describe.runIf(evidenceFolder !== undefined)('docs/attestation.md', () => {
  const verify = createVerifier()
  const { actualOf, differences } = createRunner()
  const sections = listRealSections(verify)

  /** Synthetic cases are run by the tests beside their verifiers; here they give what they must. */
  test('is what the generator writes: run "npm run docs:attestation"', () => {
    const real = renderReal(sections, actualOf)
    const synthetic = renderSynthetic(listSyntheticSections(verify), ({ expected }) => expected)
    expect(PAGE).toBe(renderPage(PAGE, real, synthetic))
    expect(differences).toEqual([])
  })

  test('no section is empty, and all real evidence has an origin', () => {
    expect(sections.filter(({ cases }) => cases.length === 0)).toEqual([])
    expect(PAGE).not.toContain('``')
    expect(PAGE.slice(PAGE.indexOf(MARK)).match(/^### /gm)).toHaveLength(14)
  })

  test('every bundle has the verdict of Intel, and it is the same as ours', () => {
    const [bundles] = sections
    for (const { expected, intelQvl = '' } of bundles?.cases ?? []) {
      const [status = ''] = outcomeText(expected).split(' ')
      const ours = status.replaceAll(/(?<=[a-z])(?=[A-Z])|(?<=SW)(?=H)/g, '_').toUpperCase()
      expect(intelQvl).toBe(status === 'UpToDate' ? 'STATUS_OK' : `STATUS_TCB_${ours}`)
    }
  })
})

describe('a runner', () => {
  const expected = { verdict: { status: 'UpToDate', module: { id: 'TDX_01' } } }
  const actual = (decided: ReturnType<Parameters<typeof run>[0]['decide']>) =>
    run({ name: 'x', expected, decide: () => decided })

  function run(one: Parameters<ReturnType<typeof createRunner>['actualOf']>[0]) {
    const { actualOf, differences } = createRunner()
    return [outcomeText(actualOf(one)), differences] as const
  }

  test('says what is as expected', () => {
    const module = { id: 'TDX_01', isvSvn: 6 }
    expect(actual(ok({ status: 'UpToDate', module, more: 1 }))).toEqual([
      'UpToDate module.id=TDX_01',
      [],
    ])
  })

  test.each([
    ['another status', ok({ status: 'OutOfDate', module: { id: 'TDX_01' } }), 'OutOfDate'],
    ['another field', ok({ status: 'UpToDate', module: { id: 'TDX_03' } }), 'UpToDate'],
    ['a missing field', ok({ status: 'UpToDate', module: undefined }), 'UpToDate'],
    ['an error', err({ code: 'root_untrusted' }), 'root_untrusted'],
  ])('finds %s', (_, decided, lead) => {
    const [text, differences] = actual(decided)
    expect(text).toMatch(new RegExp(`^${lead}`))
    expect(differences).toEqual([`x: ${text}, not UpToDate module.id=TDX_01`])
  })

  test('finds another code, another field of an error, and a verdict in its place', () => {
    const wanted = { code: 'root_untrusted', chain: 'pck' }
    const differs = (
      decided: ReturnType<typeof ok<object>> | ReturnType<typeof err<{ code: string }>>,
    ) => run({ name: 'x', expected: wanted, decide: () => decided })
    expect(differs(err({ code: 'root_untrusted', chain: 'pck', more: 1 }))).toEqual([
      'root_untrusted chain=pck',
      [],
    ])
    expect(differs(err({ code: 'root_untrusted', chain: 'tcb' }))[1]).toHaveLength(1)
    expect(differs(err({ code: 'chain_malformed', chain: 'pck' }))[1]).toHaveLength(1)
    expect(differs(ok({ status: 'UpToDate' }))).toEqual([
      'verified',
      ['x: verified, not root_untrusted chain=pck'],
    ])
  })
})

describe('a table', () => {
  test('is as wide as its widest cells, and its words mean nothing to Markdown', () => {
    expect(renderTable(['a', 'bbbb'], [[words('a|b'), words('<x>')]])).toBe(
      ['| a    | bbbb |', '| ---- | ---- |', String.raw`| a\|b | \<x> |`].join('\n'),
    )
  })

  test('a page without the mark is not written', () => {
    expect(() => renderPage('# Page', '', '')).toThrow(MARK)
  })
})
