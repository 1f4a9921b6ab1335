import { environmentName, NODE_SETTINGS } from './node-settings.ts'
import type { Setting } from './setting.ts'

const COLUMN = 26

/** The help of a node, under the name by which it was called. */
export function nodeUsage(program: string): string {
  const settings = Object.values(NODE_SETTINGS).map(line).join('\n')
  return `Runs a Tacit node with the embedded engine.

Usage: ${program} [flags]

Examples:
  ${program} --dev --base-path /tmp/tacit
  ${program} --config /etc/tacit/node.json

${settings}
${row('--config FILE', 'settings as a JSON object: {"rpc-port": 9944, "allow-origin": ["https://…"]}')}
${row('--print-settings', 'print the settings and where each comes from, and end')}
${row('--help', '')}

Each can be said as a flag, as an environment variable (${environmentName('rpc-port')}; lists
with commas), or in the configuration file, in this order of strength. docs/operations.md has more.

Prints one line of JSON when the RPC is ready: {"rpcUrl", "genesisHash", "readyMs"}; logs go to
standard error. SIGINT, SIGTERM or SIGHUP: finishes the block under way and ends; a second one ends
at once, which loses no block either.
Exit codes: 0 stopped by a signal, 1 a fault (its code is logged), 2 wrong settings.
`
}

function line({ name, placeholder, help, fallback, isList }: Setting<unknown>): string {
  const value = placeholder ? ` ${placeholder}` : ''
  const isShown = typeof fallback === 'string' || typeof fallback === 'number'
  const after = isList ? '; repeatable' : isShown ? ` (default ${fallback})` : ''
  return row(`--${name}${value}`, help + after)
}

function row(flag: string, help: string): string {
  return `  ${flag.padEnd(COLUMN)}${help}`.trimEnd()
}
