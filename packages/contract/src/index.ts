export * from './context.ts'
export * from './define-contract.ts'
export * from './json.ts'
