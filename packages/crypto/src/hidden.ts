/** Adds secrets under their names, but not enumerably: JSON, spreading and logs leave them out. */
export function withHidden<T extends object, S extends object>(shown: T, secrets: S): T & S {
  for (const [name, value] of Object.entries(secrets)) Object.defineProperty(shown, name, { value })
  return shown as T & S
}
