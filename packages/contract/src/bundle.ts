/** Name of the format that `contractBundleOptions` makes and the sandbox loads. */
export const CONTRACT_BUNDLE_FORMAT = 'tacit-contract-script-v1'

/**
 * Options for esbuild that turn an author's module into the one script that is deployed: it
 * assigns its exports to the global `tacitContract`, whose `default` is the contract.
 * Line breaks and comments are dropped because esbuild would write paths of the machine into them:
 * the same sources give the same bytes, hence the same hash, in every folder.
 * Use: `build({ ...contractBundleOptions, entryPoints: [file] })`; the script is
 * `outputFiles[0].contents`.
 */
export const contractBundleOptions: {
  readonly bundle: true
  readonly format: 'iife'
  readonly globalName: 'tacitContract'
  readonly platform: 'neutral'
  readonly target: 'es2023'
  readonly mainFields: string[]
  readonly charset: 'utf8'
  readonly legalComments: 'none'
  readonly minifyWhitespace: true
  readonly sourcemap: false
  readonly write: false
  readonly logLevel: 'silent'
} = {
  bundle: true,
  format: 'iife',
  globalName: 'tacitContract',
  platform: 'neutral',
  target: 'es2023',
  mainFields: ['module', 'main'],
  charset: 'utf8',
  legalComments: 'none',
  minifyWhitespace: true,
  sourcemap: false,
  write: false,
  logLevel: 'silent',
}
