import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from './client.ts'

export type Result = { readonly flow: string; readonly result: 'works' | 'not offered' | 'failed' }
/** What came of every flow with one client. */
export type Row = { readonly client: Client; readonly results: readonly Result[] }

const PAGE = join(import.meta.dirname, '../../../docs/compatibility.md')

export function writePage(rows: readonly Row[]): void {
  writeFileSync(PAGE, render(rows))
  console.log(`written: ${PAGE}`)
}

/** What the page says otherwise, as a failure. */
export function checkPage(rows: readonly Row[]): Result[] {
  const written = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : ''
  if (written === render(rows)) return []
  console.error(`${PAGE} says otherwise; npm run compat -- clients --write writes it`)
  return [{ flow: 'docs/compatibility.md', result: 'failed' }]
}

function render(rows: readonly Row[]): string {
  const [first] = rows
  const flows = first?.results.map(({ flow }) => flow) ?? []
  const cells = flows.map((flow, at) => [
    flow,
    ...rows.map(({ results }) => results[at]?.result ?? 'failed'),
  ])
  const notes = rows.flatMap(({ client }) => [
    ...Object.entries(client.notOffered).map(
      ([flow, reason]) => `- ${client.title}, ${flow}: not offered by the client: ${reason}.`,
    ),
    ...Object.entries(client.remarks).map(([flow, how]) => `- ${client.title}, ${flow}: ${how}.`),
  ])
  const head = ['flow', ...rows.map(({ client }) => client.title)]
  return `# Compatibility

Client libraries, unmodified, as npm has them, each through the same flows against a node. This page is written by the runs (\`npm run compat -- clients --write\`); CI runs them all (\`npm run compat -- clients\`) and fails if one fails or if this page says otherwise. The flows: compat/clients/src/flows.ts.

${table([head, ...cells])}

${notes.join('\n')}
`
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
