/** The same value, which nothing may change, all through: properties, elements, and theirs. */
export type Immutable<T> = { readonly [K in keyof T]: Immutable<T[K]> };
