import { readEvidenceList } from '../../vectors/evidence.ts'
import { isAsExpected, outcomeOf, outcomeText, type Decided, type Outcome } from './outcome.ts'
import type { RealCase, RealSection } from './real-cases.ts'
import type { SyntheticSection } from './synthetic-cases.ts'
import { code, renderTable, words } from './table.ts'

/** People write what is above it; what is below is written here. */
export const MARK = '<!-- Below: written by `npm run docs:attestation`. -->'

/** Something to verify, and what it must give. */
export interface ReportedCase {
  readonly name: string
  readonly expected: Outcome
  readonly decide: () => Decided
}

export type ActualOf = (one: ReportedCase) => Outcome

/** Runs cases, each once, and remembers those that gave something else than expected. */
export function createRunner(): { actualOf: ActualOf; differences: string[] } {
  const differences: string[] = []
  const actualOf: ActualOf = (one) => {
    const actual = outcomeOf(one.decide(), one.expected)
    if (!isAsExpected(actual, one.expected)) {
      differences.push(`${one.name}: ${outcomeText(actual)}, not ${outcomeText(one.expected)}`)
    }
    return actual
  }
  return { actualOf, differences }
}

/** The page: what people wrote above the mark, then the tables. */
export function renderPage(page: string, real: string, synthetic: string): string {
  const at = page.indexOf(MARK)
  if (at < 0) throw new Error(`the page has no line ${MARK}`)
  return `${page.slice(0, at)}${MARK}\n\n${real}\n\n${synthetic}\n`
}

/** Real evidence as tables, under one heading. */
export function renderReal(sections: readonly RealSection[], actualOf: ActualOf): string {
  const count = sections.reduce((sum, { cases }) => sum + cases.length, 0)
  const origins = new Map(readEvidenceList().files.map(({ path, origin }) => [path, origin]))
  const tables = sections.map(({ title, isIntels, cases }) => {
    const head = ['case', 'origin of the evidence', 'verified at', 'expected', 'actual']
    const rows = cases.map((one) => {
      const cells = [
        nameCell(one),
        code(origins.get(one.evidence) ?? ''),
        dateOf(one),
        code(outcomeText(one.expected)),
        code(outcomeText(actualOf(one))),
      ]
      const verdict = one.intelQvl === undefined ? 'not recorded' : code(one.intelQvl)
      return isIntels ? [...cells, verdict] : cells
    })
    const columns = isIntels ? [...head, "Intel's QVL"] : head
    return `### ${title}\n\n${renderTable(columns, rows)}`
  })
  return [`## Real evidence: ${count} cases`, ...tables].join('\n\n')
}

/** Synthetic evidence as tables, under one heading. */
export function renderSynthetic(sections: readonly SyntheticSection[], actualOf: ActualOf): string {
  const count = sections.reduce((sum, { cases }) => sum + cases.length, 0)
  const tables = sections.map(({ title, cases }) => {
    const isNamed = cases.every(({ what }) => what === undefined)
    const rows = cases.map((one) => [
      nameCell(one),
      ...(isNamed ? [] : [words(one.what ?? '')]),
      code(outcomeText(one.expected)),
      code(outcomeText(actualOf(one))),
    ])
    const head = ['case', ...(isNamed ? [] : ['what it is']), 'expected', 'actual']
    return `### Synthetic: ${title} (${cases.length})\n\n${renderTable(head, rows)}`
  })
  return [`## Synthetic evidence: ${count} cases`, ...tables].join('\n\n')
}

/** Names of files are no words. */
function nameCell({ name }: ReportedCase): string {
  return name.includes(' ') ? words(name) : code(name)
}

function dateOf({ at }: RealCase): string {
  return new Date(at * 1000).toISOString().slice(0, 10)
}
