import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from './client.ts'

export type Result = { readonly name: string; readonly result: 'works' | 'not offered' | 'failed' }
/** What came of every flow with one client. */
export type Row = { readonly client: Client; readonly results: readonly Result[] }
export type Page = { readonly rows: Row[]; readonly tools: Result[] }

const PAGE = join(import.meta.dirname, '../../../docs/compatibility.md')

export function writePage(page: Page): void {
  writeFileSync(PAGE, render(page))
  console.log(`written: ${PAGE}`)
}

/** Whether the page says what the run gave. */
export function checkPage(page: Page): boolean {
  const written = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : ''
  if (written === render(page)) return true
  console.error(`${PAGE} says otherwise; npm run compat -- clients --write writes it`)
  return false
}

function render({ rows, tools }: Page): string {
  const flows = rows[0]?.results.map(({ name }) => name) ?? []
  const cells = flows.map((flow, at) => [
    flow,
    ...rows.map(({ results }) => results[at]?.result ?? 'failed'),
  ])
  const head = ['flow', ...rows.map(({ client }) => client.title)]
  const programs = tools.map(({ name, result }) => [name, result])
  return `# Compatibility

Client libraries, unmodified, as npm has them, each through the same flows against a node. The runs write this page (\`npm run compat -- clients --write\`); CI runs them all and fails if one fails or if the page says otherwise. What each flow does and checks: compat/clients/src/flows.ts.

${table([head, ...cells])}

## Notes

${notes(rows).join('\n')}

## Types from the chain

Programs that write types for the chain which they read from the node.

${table([['program', 'result'], ...programs])}
`
}

/** Why something is not offered, and what is not the usual way. */
function notes(rows: readonly Row[]): string[] {
  return rows.flatMap(({ client: { title, notOffered, remarks } }) => [
    ...Object.entries(notOffered).map(([flow, why]) => `- ${title}, ${flow}: not offered; ${why}.`),
    ...Object.entries(remarks).map(([flow, how]) => `- ${title}, ${flow}: ${how}.`),
  ])
}

/** A table as the formatter of this repository leaves it. */
function table([head = [], ...body]: readonly (readonly string[])[]): string {
  const all = [head, ...body]
  const widths = head.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [line(head), rule, ...body.map(line)].join('\n')
}
