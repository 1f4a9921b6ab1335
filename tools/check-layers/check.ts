import { LAYERS, NEVER, NO_NODE_BUILTINS } from './layers.ts'

/** One import statement of one file. */
export type Import = {
  /** The importing package, its declared dependencies, and whether the file is a test. */
  readonly from: string
  readonly declared: ReadonlySet<string>
  readonly isTest: boolean
  readonly file: string
  /** The specifier as written. */
  readonly to: string
}

/** Which rule an import breaks, in words; empty where it breaks none. */
export function checkImport(one: Import): string[] {
  if (one.to.startsWith('node:')) return builtin(one)
  if (one.to.startsWith('.')) return relative(one)
  if (!one.to.startsWith('@tacit/')) return external(one)
  const target = one.to.split('/').slice(0, 2).join('/')
  return [...direction(one, target), ...forbidden(one, target), ...undeclared(one, target)]
}

function builtin(one: Import): string[] {
  if (one.isTest || !NO_NODE_BUILTINS.has(one.from)) return []
  return [`${one.file}: ${one.from} runs in browsers too and may not import ${one.to}`]
}

function relative(one: Import): string[] {
  if (/^\.\.?(\/\.\.)*\/index\.ts$/.test(one.to)) {
    return [`${one.file}: imports an index (${one.to}) that it is part of; name the file instead`]
  }
  return /\/(packages|apps)\//.test(one.to)
    ? [`${one.file}: reaches into another package by path (${one.to})`]
    : []
}

function external(one: Import): string[] {
  const name = one.to
    .split('/')
    .slice(0, one.to.startsWith('@') ? 2 : 1)
    .join('/')
  return one.isTest ? [] : undeclared(one, name)
}

function direction(one: Import, target: string): string[] {
  const from = LAYERS.get(one.from)
  const to = LAYERS.get(target)
  if (from === undefined || to === undefined) {
    return [`${one.file}: ${from === undefined ? one.from : target} has no layer in layers.ts`]
  }
  if (one.isTest || one.from === target || to < from) return []
  if (to === from && SAME_LAYER.has(`${one.from} ${target}`)) return []
  return [`${one.file}: ${one.from} (layer ${from}) imports ${target} (layer ${to})`]
}

/** Imports between packages of one layer that the blueprint allows. */
const SAME_LAYER: ReadonlySet<string> = new Set(['@tacit/runtime @tacit/light'])

function forbidden(one: Import, target: string): string[] {
  const isNever = NEVER.some(([from, to]) => from === one.from && to === target)
  return isNever && !one.isTest ? [`${one.file}: ${one.from} may never import ${target}`] : []
}

function undeclared(one: Import, name: string): string[] {
  if (one.isTest || one.from === name || one.declared.has(name)) return []
  return [`${one.file}: ${name} is not a dependency in the package.json of ${one.from}`]
}
