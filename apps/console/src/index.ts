export * from './bundle-page.ts'
export * from './serve-page.ts'
