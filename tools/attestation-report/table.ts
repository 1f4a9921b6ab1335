/** Text of Markdown: a cell of a table, ready to be put between bars. */
export type Cell = string

/** A value as it is, set apart from words. */
export function code(text: string): Cell {
  return `\`${text.replaceAll('|', String.raw`\|`)}\``
}

/** Words that mean nothing to Markdown. */
export function words(text: string): Cell {
  return text.replaceAll(/[|<*_[\]]/g, String.raw`\$&`)
}

/** A table in the form that the formatter leaves alone. */
export function renderTable(head: readonly Cell[], rows: readonly (readonly Cell[])[]): string {
  const widths = head.map((_, at) => Math.max(3, ...[head, ...rows].map((row) => width(row, at))))
  const line = (cells: readonly Cell[]): string =>
    `| ${widths.map((columns, at) => (cells[at] ?? '').padEnd(columns)).join(' | ')} |`
  return [line(head), line(widths.map((columns) => '-'.repeat(columns))), ...rows.map(line)].join(
    '\n',
  )
}

function width(row: readonly Cell[], at: number): number {
  return row[at]?.length ?? 0
}
